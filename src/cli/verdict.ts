/** Is all well? One word, and in order of urgency everything that is not, each with its reason. Pure. */
import type { ServerView, SourceView, StatusView } from '../state/contract.ts';
import { checksText } from './servers-table.ts';
import { duration, plural } from './text.ts';

/** down: a virtual service refuses, or nobody reaches its VIP; degraded: served, but not by all servers that should. */
export type Level = 'ok' | 'starting' | 'degraded' | 'down';

export interface Verdict {
  readonly level: Level;
  /** One sentence. */
  readonly summary: string;
  /** What is not as it should be. */
  readonly problems: readonly string[];
  /** What somebody ordered to be so: drained servers and those in maintenance. */
  readonly byOrder: readonly string[];
}

/** From this part on the kernel's table of connections counts as filling, as in the line of the log that says so. */
const NEARLY_FULL = 0.8;

/** From this part on the ports of a source address count as running out, as in the event that says so. */
const LOW_SOURCE = 0.8;

export function judge(
  status: StatusView,
  servers: readonly ServerView[],
  sources: readonly SourceView[],
  now: number,
): Verdict {
  const refusing = status.services.filter((s) => s.state === 'refusing');
  const onFallback = status.services.filter((s) => s.state === 'fallback');
  const ordered = servers.filter((s) => s.admin !== 'ready' || s.weight === 0);
  const failing = servers.filter((s) => !s.usable && !ordered.includes(s));
  const absent = status.addresses.filter((a) => !a.present);
  const { tracked } = status;
  const filling = tracked !== null && tracked.used >= NEARLY_FULL * tracked.limit;
  const low = sources.filter(({ fullest, ports }) => fullest !== null && fullest.used >= LOW_SOURCE * ports);
  const problems = [
    ...absent.map((a) => `nobody reaches ${a.address}: it is not on ${a.interface}, or that is down`),
    ...status.addresses.flatMap(({ address, conflict }) =>
      conflict === null
        ? []
        : [`another machine has ${address} too (${conflict}): clients reach one or the other`],
    ),
    ...refusing.map(
      (s) => `virtual service ${s.name} REFUSES connections: pool ${s.pool} has no usable server`,
    ),
    ...onFallback.map(
      (s) => `virtual service ${s.name} goes to the fallback: pool ${s.pool} has no usable server`,
    ),
    ...failing.map((s) => describe(s, now)),
    ...low.flatMap(describeSource),
    ...(filling ? [describeTracked(tracked)] : []),
  ];
  const byOrder = ordered.map((s) => describeOrder(s, now));
  const usable = servers.filter((s) => s.usable).length;
  const share = `${usable} of ${plural(servers.length, 'server')} usable`;
  if (!status.ready) {
    return {
      level: 'starting',
      summary: `Starting: not every first health check is done, ${share}`,
      problems,
      byOrder,
    };
  }
  if (refusing.length > 0) {
    const refuse = refusing.length === 1 ? 'refuses' : 'refuse';
    const summary = `${refusing.length} of ${plural(status.services.length, 'virtual service')} ${refuse}, ${share}`;
    return { level: 'down', summary, problems, byOrder };
  }
  if (absent.length > 0) {
    const summary = `Nobody reaches ${plural(absent.length, 'VIP')} of ${status.addresses.length}, ${share}`;
    return { level: 'down', summary, problems, byOrder };
  }
  const contested = status.addresses.filter((a) => a.conflict !== null).length;
  if (contested > 0) {
    const summary = `Another machine has ${plural(contested, 'VIP')} too, ${share}`;
    return { level: 'degraded', summary, problems, byOrder };
  }
  if (failing.length > 0 || onFallback.length > 0)
    return { level: 'degraded', summary: `All services answer, but only ${share}`, problems, byOrder };
  if (low.length > 0) {
    return { level: 'degraded', summary: `Source ports run out, ${share}`, problems, byOrder };
  }
  if (filling) {
    const summary = `The kernel's table of connections fills up, ${share}`;
    return { level: 'degraded', summary, problems, byOrder };
  }
  const resting = ordered.length === 0 ? '' : `, ${ordered.length} resting by order`;
  return { level: 'ok', summary: `All is well: ${share}${resting}`, problems, byOrder };
}

function describe(server: ServerView, now: number): string {
  const since = duration(now - Date.parse(server.since));
  // The reason begins with the state where it stands alone, as in the table of servers.
  const reason = server.reason.replace(`${server.health}: `, '');
  const why = reason || `its checks are ${checksText(server.checks)}`;
  return `${server.pool}/${server.name} (${server.address}) is ${server.health} for ${since}: ${why}`;
}

function describeSource({ address, ports, fullest }: SourceView): string[] {
  if (!fullest) return [];
  const where = `${fullest.pool}/${fullest.realServer} port ${fullest.port}`;
  const free = fullest.free === 0 ? 'none is free' : `${fullest.free} are free`;
  return [
    `source address ${address} uses ${fullest.used} of ${ports} ports to ${where}, ${free}: add to \`snatPool\``,
  ];
}

function describeTracked({ used, limit }: { readonly used: number; readonly limit: number }): string {
  return `the kernel tracks ${used} of at most ${limit} connections of this machine; when its table is full, new UDP flows are dropped, connections of other programs, and those that a firewall here is to see: raise net.netfilter.nf_conntrack_max`;
}

function describeOrder(server: ServerView, now: number): string {
  const state = server.admin === 'ready' ? 'weight 0' : server.admin;
  const open = server.active === 0 ? 'no connection left' : `${plural(server.active, 'connection')} left`;
  const since = duration(now - Date.parse(server.since));
  return `${server.pool}/${server.name} (${server.address}) is in ${state}, for ${since}, ${open}`;
}

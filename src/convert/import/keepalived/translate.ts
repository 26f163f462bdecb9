/** A virtual server, read, to a section in our terms. */
import { isIPv6 } from 'node:net';
import type { At, DraftCheck, DraftFallback, DraftSection, DraftServer, ServerPort } from '../draft.ts';
import type { ImportOptions } from '../importer.ts';
import type { Report } from '../report.ts';
import { IPVS_TCP_MS, type Timeouts } from './globals.ts';
import type { RealServer, VirtualServer } from './virtual-server.ts';

const WEEK_MS = 168 * 3_600_000;

export function toSection(
  vs: VirtualServer,
  timeouts: Timeouts,
  _options: ImportOptions,
  report: Report,
): DraftSection {
  const inhibit = vs.servers.find((server) => server.inhibit);
  return {
    name: vs.name,
    poolName: vs.name.replace(/^vs-/, 'pool-'),
    label: vs.label,
    line: vs.line,
    ports: vs.ports,
    servers: vs.servers.map((server) => draftServer(server, vs, report)),
    fallback: fallbackOf(vs),
    checks: checksOf(vs, report),
    onDown: inhibit ? { value: 'keep', line: inhibit.line } : null,
    scheduler: schedulerOf(vs, report),
    persistence: vs.persistenceMs
      ? { value: { timeoutMs: vs.persistenceMs.value }, line: vs.persistenceMs.line }
      : null,
    ...timesOf(vs, timeouts, report),
    connectMs: null,
    maxConnections: null,
    snatPool: null,
    snatPorts: null,
    nat: vs.forwarding?.value === 'DR' ? { value: 'none', line: vs.forwarding.line } : null,
    limits: null,
  };
}

function draftServer(server: RealServer, vs: VirtualServer, report: Report): DraftServer {
  tellPort(server, vs, report);
  const { name, address, line, weight, maxConnections } = server;
  return {
    name: plainName(name, address),
    address,
    known: true,
    port: portOf(server, vs),
    weight,
    maxConnections,
    admin: 'ready',
    line,
  };
}

/** `rs-2001-db8--41`: a name has no colons. */
function plainName(name: string, address: string): string {
  return isIPv6(address) ? name.replaceAll(':', '-') : name;
}

/** With DR a server gets what the client sent, whatever is written. */
function portOf({ port }: RealServer, vs: VirtualServer): ServerPort {
  const single = vs.ports.length === 1 ? vs.ports[0]?.first : undefined;
  if (vs.forwarding?.value === 'DR') return { kind: 'same' };
  return port === null || port === single ? { kind: 'same' } : { kind: 'fixed', port };
}

function tellPort({ port, address, line }: RealServer, vs: VirtualServer, report: Report): void {
  if (vs.forwarding?.value !== 'DR' || port === null || vs.ports.every((p) => p.first === port)) return;
  const place = { line, section: vs.label, text: `real_server ${address} ${port}` };
  report.add(
    'remark',
    place,
    'With DR nobody rewrites ports: the server gets those that clients dial, not the one written.',
  );
}

function fallbackOf(vs: VirtualServer): At<DraftFallback> | null {
  const { sorry } = vs;
  if (!sorry) return null;
  const { address, line } = sorry;
  return { value: { address, known: true, port: portOf(sorry, vs), line }, line };
}

function checksOf(vs: VirtualServer, report: Report): DraftCheck[] {
  const checks = vs.servers.flatMap((server) => server.checks);
  const distinct = [
    ...new Map(checks.toReversed().map((c) => [`${c.type} ${c.port}`, c])).values(),
  ].toReversed();
  for (const server of vs.servers.filter((s) => s.checks.length === 0))
    tellUnchecked(server, vs, distinct.length > 0, report);
  if (distinct.some((check) => check.intervalMs === undefined)) {
    const message = 'No `delay_loop`: keepalived probes once a minute, Poolgate every 5 seconds.';
    report.add('changed', { line: vs.line, section: vs.label, text: vs.label }, message);
  }
  if (distinct.length > 0 || vs.protocol === 'udp') return distinct;
  const [server] = vs.servers;
  const port = server?.port ?? vs.ports[0]?.first;
  return server && port !== undefined ? [{ type: 'tcp', port, intervalMs: vs.pace.intervalMs, line: 0 }] : [];
}

function tellUnchecked(server: RealServer, vs: VirtualServer, others: boolean, report: Report): void {
  const place = { line: server.line, section: vs.label, text: `real_server ${server.address}` };
  if (others)
    report.add(
      'changed',
      place,
      'keepalived does not check it; here the checks of a pool are for all of its servers.',
    );
  else if (vs.protocol === 'udp')
    report.add(
      'missing',
      place,
      'It has no health check that can be translated, and a UDP port gets none by itself: it counts as up.',
      {
        hint: 'Write a check of a TCP port that the servers answer on, or `type: stun` if they speak STUN.',
      },
    );
  else
    report.add(
      'changed',
      place,
      'It has no health check that can be translated. A `tcp` check of its port is written.',
      {
        hint: '`healthChecks: []` is how to have none.',
      },
    );
}

function schedulerOf(vs: VirtualServer, report: Report): DraftSection['scheduler'] {
  if (vs.scheduler) return vs.scheduler;
  const place = { line: vs.line, section: vs.label, text: vs.label };
  report.add('changed', place, 'No `lb_algo`: IPVS takes weighted least connections, and so does Poolgate.');
  return { value: 'wlc', line: 0 };
}

function timesOf(
  vs: VirtualServer,
  timeouts: Timeouts,
  report: Report,
): Pick<DraftSection, 'idleMs' | 'udpIdleMs'> {
  const { tcpMs, udpMs, line } = timeouts;
  const bounded = (ms: number | null): At<number> | null =>
    ms === null ? null : { value: Math.min(WEEK_MS, Math.max(1000, ms)), line };
  if (vs.protocol === 'udp')
    return { idleMs: null, udpIdleMs: bounded(udpMs === null ? null : Math.min(udpMs, 86_400_000)) };
  if (tcpMs === null) {
    const message = `IPVS forgets a connection after ${IPVS_TCP_MS / 60_000} minutes of silence, and tells nobody. Here it is 30 minutes, and both ends get a reset.`;
    report.add('changed', { line: vs.line, section: vs.label, text: vs.label }, message, { rule: 'R10' });
  }
  return { idleMs: bounded(tcpMs), udpIdleMs: null };
}

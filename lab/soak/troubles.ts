/** What befalls servers during a soak, and which lost connections that explains. */
import type { Balancer } from '../balancer/balancer.ts';
import { metBy, queuedAt } from '../clients/failures.ts';
import type { Failure } from '../clients/load.ts';
import { blackHole, fillHole } from '../net/packets.ts';
import { waitFor } from '../net/wait.ts';
import type { StandIn } from '../servers/stand-in.ts';
import { forgetFlood } from './flood.ts';
import type { FloodWatch } from './flood-watch.ts';

/** How long a connection that met a failing server may take to learn it: connect timeout and checks with room. */
const LEARN_MS = 4000;
export interface Trouble {
  readonly server: string;
  readonly kind: 'port' | 'black-hole' | 'drain';
  readonly from: number;
  /** When the verdict was seen; a drain has none. */
  downAt: number;
  to: number;
  /** Client connections that were reset at the other servers meanwhile; must be 0. */
  resetsElsewhere: number;
}

export interface Soak {
  readonly balancer: Balancer;
  readonly standIns: readonly StandIn[];
  readonly troubles: Trouble[];
  readonly watch: FloodWatch;
}

/** One server fails in one of three ways, is noticed, returns, is noticed. */
export async function trouble(on: Soak, turn: number): Promise<void> {
  const standIn = on.standIns[turn % on.standIns.length];
  if (!standIn) return;
  const kind =
    (['port', 'black-hole', 'drain'] as const)[Math.floor(turn / on.standIns.length) % 3] ?? 'port';
  const record: Trouble = {
    server: standIn.name,
    kind,
    from: Date.now(),
    downAt: 0,
    to: Number.POSITIVE_INFINITY,
    resetsElsewhere: 0,
  };
  const others = on.standIns.filter((one) => one !== standIn);
  const resetsBefore = await resetsAt(others);
  on.troubles.push(record);
  if (kind === 'drain') {
    await on.balancer.setAdmin(standIn.name, 'drain');
    const before = (await on.balancer.server(standIn.name)).active;
    await waitFor(
      'its connections to end by themselves',
      async () => (await on.balancer.server(standIn.name)).active < Math.max(1, before / 2),
      { timeoutMs: 60_000 },
    );
    await on.balancer.setAdmin(standIn.name, 'ready');
  } else {
    await (kind === 'port' ? standIn.unlisten(443) : blackHole(standIn.host));
    await on.balancer.waitHealth(standIn.name, 'down');
    record.downAt = Date.now();
    // In the black hole the server heard nothing of its connections' end; it forgets them, as by a restart.
    if (kind === 'black-hole') await Promise.all([standIn.reset(), forgetFlood(standIn.host)]);
    await (kind === 'port' ? standIn.listen(443) : fillHole(standIn.host));
    await on.balancer.waitHealth(standIn.name, 'up');
  }
  record.to = Date.now();
  const loses = kind !== 'drain';
  await on.watch.endStretch({
    what: `${kind} ${record.server}`,
    failed: loses ? record.server : null,
    loses,
  });
  record.resetsElsewhere = (await resetsAt(others)) - resetsBefore;
  const { total } = await on.balancer.server(standIn.name);
  await waitFor(
    'it to be used again',
    async () => (await on.balancer.server(standIn.name)).total > total + 100,
  );
}

/** Lost on the server that failed while it failed. A drain explains nothing: it loses nobody. */
export function explained(failure: Failure, troubles: readonly Trouble[]): boolean {
  return troubles.some(({ kind, server, from, downAt, to }) => {
    if (kind === 'drain' || failure.at < from || failure.at > to + LEARN_MS) return false;
    return metBy(failure, server, downAt) || (kind === 'port' && queuedAt(failure, from));
  });
}

async function resetsAt(standIns: readonly StandIn[]): Promise<number> {
  const counts = await Promise.all(standIns.map((one) => one.resetsOfClients()));
  return counts.reduce((sum, count) => sum + count, 0);
}

export function countTroubles(troubles: readonly Trouble[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of troubles) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

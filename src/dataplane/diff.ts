/**
 * From one desired state to the next as a list of changes, in an order in which no step refers to something that is
 * not there yet or not there any more: pools and servers come first, services and ports next, then what only changes,
 * then what goes, ports before services and servers before pools.
 *
 * Two things cannot wait for the end, because the new one takes the old one's place: a server whose address changed
 * is removed right before it is added, and a VIP:port that moves to another service is removed right before it is added. Both end the connections of the old one, by what the seam says of removals.
 */
import { portKey } from './apply-changes.ts';
import type { Change, DesiredState, PlanePool, PlanePort, PlaneServer, PlaneService } from './dataplane.ts';

/** Empty when the two mean the same; the order of pools, servers, services and ports has no meaning. */
export function diffDesired(prev: DesiredState, next: DesiredState): Change[] {
  return [
    ...addedPools(prev, next),
    ...serversThatAppear(prev, next),
    ...fallbacks(prev, next),
    ...addedServices(prev, next),
    ...portsThatAppear(prev, next),
    ...updatedServers(prev, next),
    ...updatedServices(prev, next),
    ...updatedPorts(prev, next),
    ...portsThatGo(prev, next),
    ...removedServices(prev, next),
    ...serversThatGo(prev, next),
    ...removedPools(prev, next),
  ];
}

function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

function addedPools(prev: DesiredState, next: DesiredState): Change[] {
  const before = byName(prev.pools);
  return next.pools.filter((p) => !before.has(p.name)).map((p) => ({ kind: 'add-pool', pool: p.name }));
}

function removedPools(prev: DesiredState, next: DesiredState): Change[] {
  const after = byName(next.pools);
  return prev.pools.filter((p) => !after.has(p.name)).map((p) => ({ kind: 'remove-pool', pool: p.name }));
}

/** Each server of `to` with the server of that pool and name in `from`, if any. */
function* pairServers(
  from: DesiredState,
  to: DesiredState,
): Generator<{ pool: string; server: PlaneServer; other: PlaneServer | undefined }> {
  const pools = byName(from.pools);
  for (const pool of to.pools) {
    const others = byName(pools.get(pool.name)?.servers ?? []);
    for (const server of pool.servers) yield { pool: pool.name, server, other: others.get(server.name) };
  }
}

function serversThatAppear(prev: DesiredState, next: DesiredState): Change[] {
  const changes: Change[] = [];
  for (const { pool, server, other } of pairServers(prev, next)) {
    if (other?.address === server.address) continue;
    if (other) changes.push({ kind: 'remove-server', pool, server: server.name });
    changes.push({ kind: 'add-server', pool, server });
  }
  return changes;
}

function updatedServers(prev: DesiredState, next: DesiredState): Change[] {
  const changes: Change[] = [];
  for (const { pool, server, other } of pairServers(prev, next)) {
    if (other?.address !== server.address || same(server, other)) continue;
    changes.push({ kind: 'update-server', pool, server });
  }
  return changes;
}

function serversThatGo(prev: DesiredState, next: DesiredState): Change[] {
  const changes: Change[] = [];
  for (const { pool, server, other } of pairServers(next, prev)) {
    if (!other) changes.push({ kind: 'remove-server', pool, server: server.name });
  }
  return changes;
}

function fallbacks(prev: DesiredState, next: DesiredState): Change[] {
  const before = byName<PlanePool>(prev.pools);
  return next.pools
    .filter((p) => !same(p.fallback, before.get(p.name)?.fallback ?? null))
    .map((p) => ({ kind: 'set-fallback', pool: p.name, fallback: p.fallback }));
}

function addedServices(prev: DesiredState, next: DesiredState): Change[] {
  const before = byName(prev.services);
  return next.services
    .filter((s) => !before.has(s.name))
    .map((s) => ({ kind: 'add-service', service: s.name, settings: s.settings }));
}

function updatedServices(prev: DesiredState, next: DesiredState): Change[] {
  const before = byName<PlaneService>(prev.services);
  return next.services
    .filter((s) => before.has(s.name) && !same(s.settings, before.get(s.name)?.settings))
    .map((s) => ({ kind: 'update-service', service: s.name, settings: s.settings }));
}

function removedServices(prev: DesiredState, next: DesiredState): Change[] {
  const after = byName(next.services);
  return prev.services
    .filter((s) => !after.has(s.name))
    .map((s) => ({ kind: 'remove-service', service: s.name }));
}

interface OwnedPort {
  readonly service: string;
  readonly port: PlanePort;
}

function portsByKey(state: DesiredState): ReadonlyMap<string, OwnedPort> {
  return new Map(
    state.services.flatMap((s) => s.ports.map((port) => [portKey(port), { service: s.name, port }] as const)),
  );
}

/** All removals stand before all additions, so that two services can swap ports. */
function portsThatAppear(prev: DesiredState, next: DesiredState): Change[] {
  const before = portsByKey(prev);
  const removals: Change[] = [];
  const additions: Change[] = [];
  for (const [key, owned] of portsByKey(next)) {
    const old = before.get(key);
    if (old?.service === owned.service) continue;
    if (old) removals.push({ kind: 'remove-port', ...old });
    additions.push({ kind: 'add-port', ...owned });
  }
  return [...removals, ...additions];
}

function updatedPorts(prev: DesiredState, next: DesiredState): Change[] {
  const before = portsByKey(prev);
  const changed = [...portsByKey(next)].filter(([key, { service, port }]) => {
    const old = before.get(key);
    return old?.service === service && !same(old.port, port);
  });
  return changed.map(([, owned]) => ({ kind: 'update-port', ...owned }));
}

function portsThatGo(prev: DesiredState, next: DesiredState): Change[] {
  const after = portsByKey(next);
  return [...portsByKey(prev)]
    .filter(([key]) => !after.has(key))
    .map(([, owned]) => ({ kind: 'remove-port', ...owned }));
}

/** Servers, ports, settings and fallbacks are flat records, so comparing their fields is enough. */
function same<T extends object>(a: T | null | undefined, b: T | null | undefined): boolean {
  if (!a || !b) return a === b;
  const keys = Object.keys(a) as (keyof T)[];
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

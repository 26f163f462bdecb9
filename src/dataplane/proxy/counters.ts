import type {
  PersistenceCounters,
  PlaneCounters,
  PortCounters,
  ServerCounters,
  SourceUse,
} from '../dataplane.ts';
import { AddressTable } from './guard/address-table.ts';
import type { NumberedSourceUse } from './commands.ts';
import { lock, unlock } from './mutex.ts';
import { FALLBACK_NAME, type Names, serverNames } from './names.ts';
import {
  type CounterColumns,
  PORT_COUNTERS,
  type PortCounter,
  SERVER_COUNTERS,
  type ServerCounter,
  type SharedState,
} from './common-state.ts';
import { sharedNow } from './guard/shared-now.ts';

/** Entries that are forgotten in one look, so that new connections do not wait long for the lock. */
const EXPIRED_AT_ONCE = 10_000;

/** Adds up what the workers counted. */
export function readCounters(shared: SharedState, names: Names, workers: number): PlaneCounters {
  const servers = new Map<string, ServerCounters>();
  for (const [poolName, pool] of names.pools) {
    for (const [id, name] of serverNames(pool)) {
      if (name === FALLBACK_NAME && !pool.fallback) continue;
      const sums = sum<ServerCounter>(SERVER_COUNTERS, shared.serverCounters, id);
      servers.set(`${poolName}/${name}`, { ...sums, active: Atomics.load(shared.active, id) });
    }
  }
  const ports: PortCounters[] = [...names.ports.values()].map(({ id, service, port }) => ({
    service,
    vip: port.vip,
    protocol: port.protocol,
    port: port.port,
    ...sum<PortCounter>(PORT_COUNTERS, shared.portCounters, id),
  }));
  const persistence = readPersistence(shared, names);
  return { servers, ports, persistence, workers, capacity: (shared.limit[0] ?? 0) * workers, tracked: null };
}

function readPersistence(shared: SharedState, names: Names): Map<string, PersistenceCounters> {
  const found = new Map<string, PersistenceCounters>();
  for (const [name, { id, settings, tables }] of names.services) {
    if (!tables?.persistence) continue;
    const { persistenceEntries, persistenceTimeoutMs } = settings;
    const table = new AddressTable(tables.persistence, persistenceEntries);
    lock(shared.serviceLock, id);
    // Who has not come back is forgotten when somebody else comes, or somebody looks.
    table.expire(sharedNow() - persistenceTimeoutMs, EXPIRED_AT_ONCE);
    const { size, evicted, turnedAway } = table;
    unlock(shared.serviceLock, id);
    found.set(name, { entries: size, maxEntries: persistenceEntries, evicted, notKept: turnedAway });
  }
  return found;
}

/** Adds up what the workers listed; what went to a server that is gone by now is left out. */
export function nameSourceUse(names: Names, listed: readonly NumberedSourceUse[]): SourceUse[] {
  const addresses = new Map([...names.sources].map(([address, id]) => [id, address]));
  const servers = new Map<number, { pool: string; realServer: string }>();
  for (const [pool, entry] of names.pools) {
    for (const [id, realServer] of serverNames(entry)) servers.set(id, { pool, realServer });
  }
  const sums = new Map<string, SourceUse>();
  for (const { source, protocol, server, serverPort: port, used } of listed) {
    const named = servers.get(server);
    if (!named) continue;
    const key = `${source} ${protocol} ${server} ${port}`;
    const before = sums.get(key)?.used ?? 0;
    sums.set(key, { address: addresses.get(source) ?? '', protocol, ...named, port, used: before + used });
  }
  return [...sums.values()];
}

function sum<Name extends string>(
  names: readonly Name[],
  workers: readonly CounterColumns<Name>[],
  id: number,
): Record<Name, number> {
  const total = (name: Name): number => workers.reduce((all, columns) => all + (columns[name][id] ?? 0), 0);
  return Object.fromEntries(names.map((name) => [name, total(name)])) as Record<Name, number>;
}

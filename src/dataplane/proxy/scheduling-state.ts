import { lock, unlock } from './mutex.ts';
import type { Names, PoolEntry } from './names.ts';
import {
  FALLBACK_POSITION,
  MAX_SERVICES,
  POSITIONS,
  PORT_COUNTERS,
  SERVER_COUNTERS,
  type SharedState,
  serverId,
} from './shared.ts';

/** Makes what the schedulers see equal to what the names say; each pool in one step. */
export function publishPools(shared: SharedState, names: Names): void {
  for (const pool of names.pools.values()) {
    lock(shared.lock, pool.id);
    const selectable = shared.selectable.subarray(serverId(pool.id, 0), serverId(pool.id, POSITIONS));
    const wanted = new Int32Array(POSITIONS);
    let count = 0;
    for (const { id, position, server } of pool.servers.values()) {
      wanted[position] = server.selectable ? 1 : 0;
      shared.weight[id] = Math.max(1, server.weight);
      count = Math.max(count, position + 1);
    }
    wanted[FALLBACK_POSITION] = pool.fallback ? 1 : 0;
    selectable.set(wanted);
    shared.count[pool.id] = count;
    unlock(shared.lock, pool.id);
  }
}

/** Takes servers out of the choice at once, before anything else of a change is done. */
export function withdraw(shared: SharedState, ids: Iterable<number>): void {
  for (const id of ids) {
    const pool = Math.floor(id / POSITIONS);
    lock(shared.lock, pool);
    shared.selectable[id] = 0;
    unlock(shared.lock, pool);
  }
}

/** A number that is given to a new server starts with nothing of the one that had it before. */
export function clearServer(shared: SharedState, id: number): void {
  for (const columns of shared.serverCounters) for (const name of SERVER_COUNTERS) columns[name][id] = 0;
  const position = id % POSITIONS;
  for (let service = 0; service < MAX_SERVICES; service++) shared.current[service * POSITIONS + position] = 0;
}

export function clearPort(shared: SharedState, id: number): void {
  for (const columns of shared.portCounters) for (const name of PORT_COUNTERS) columns[name][id] = 0;
}

/** Whether a connect to a service of this pool should be accepted: a server or the fallback could take it. */
export function canServe(pool: PoolEntry): boolean {
  if (pool.fallback) return true;
  for (const { server } of pool.servers.values()) if (server.selectable) return true;
  return false;
}

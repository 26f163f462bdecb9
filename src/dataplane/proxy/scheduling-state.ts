import { serverIdentity } from '../../scheduler/identity.ts';
import type { PlaneServer } from '../dataplane.ts';
import { addressWords } from './guard/client-address.ts';
import { lock, unlock } from './mutex.ts';
import type { Names, PoolEntry } from './names.ts';
import {
  FALLBACK_POSITION,
  FOR_KNOWN_CLIENTS,
  NOT_SELECTABLE,
  POSITIONS,
  PORT_COUNTERS,
  SELECTABLE,
  SERVER_COUNTERS,
  type SharedState,
  serverId,
} from './common-state.ts';

/** Makes what the schedulers see equal to what the names say; each pool in one step. */
export function publishPools(shared: SharedState, names: Names): void {
  for (const pool of names.pools.values()) {
    const servers = [...pool.servers.values()].map(({ id, position, server }) => ({
      id,
      position,
      server,
      identity: serverIdentity(addressWords(server.address)),
    }));
    lock(shared.lock, pool.id);
    const selectable = shared.selectable.subarray(serverId(pool.id, 0), serverId(pool.id, POSITIONS));
    const wanted = new Int32Array(POSITIONS);
    let count = 0;
    let limited = 0;
    for (const { id, position, server, identity } of servers) {
      wanted[position] = selectableFor(server);
      shared.weight[id] = Math.max(1, server.weight);
      shared.maxConnections[id] = server.maxConnections;
      shared.identity[id] = identity;
      if (server.maxConnections > 0) limited = 1;
      count = Math.max(count, position + 1);
    }
    wanted[FALLBACK_POSITION] = pool.fallback ? SELECTABLE : NOT_SELECTABLE;
    selectable.set(wanted);
    shared.count[pool.id] = count;
    shared.limited[pool.id] = limited;
    unlock(shared.lock, pool.id);
  }
}

function selectableFor({ selectable, keepsClients }: PlaneServer): number {
  if (selectable) return SELECTABLE;
  return keepsClients ? FOR_KNOWN_CLIENTS : NOT_SELECTABLE;
}

/** A pool that goes, its fallback too: nobody in it can be chosen any more. */
export function withdrawPool(shared: SharedState, pool: number): void {
  lock(shared.lock, pool);
  shared.selectable.fill(0, serverId(pool, 0), serverId(pool, POSITIONS));
  shared.count[pool] = 0;
  unlock(shared.lock, pool);
}

/** A number that is given to a new server, or to the fallback of a new pool, has nothing of the one that had it. */
export function clearServer(shared: SharedState, id: number): void {
  for (const columns of shared.serverCounters) for (const name of SERVER_COUNTERS) columns[name][id] = 0;
  shared.generation[id]! += 1;
}

/** A service that is new to its pool starts its weighted round robin from the beginning. */
export function clearRotation(shared: SharedState, service: number): void {
  shared.current.fill(0, service * POSITIONS, (service + 1) * POSITIONS);
}

export function clearPort(shared: SharedState, id: number): void {
  for (const columns of shared.portCounters) for (const name of PORT_COUNTERS) columns[name][id] = 0;
}

/**
 * Whether a connect to a service of this pool should be accepted: a server or the fallback could take it.
 * @param persistent whether the service knows clients by persistence, which a server that drains may keep
 */
export function canServe(pool: PoolEntry, persistent: boolean): boolean {
  if (pool.fallback) return true;
  for (const { server } of pool.servers.values()) {
    if (server.selectable || (persistent && server.keepsClients)) return true;
  }
  return false;
}

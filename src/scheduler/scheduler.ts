import { leastConnections } from './lc.ts';
import { maglevHash } from './mh.ts';
import type { SchedulerName } from './names.ts';
import { roundRobin } from './rr.ts';
import { sourceHash } from './sh.ts';
import { weightedLeastConnections } from './wlc.ts';
import { weightedRoundRobin } from './wrr.ts';

/**
 * The servers of one pool as one virtual service sees them; all arrays are indexed by the server's position, which a
 * server keeps for its life. Only touched under the pool's lock.
 */
export interface ServerSet {
  /** Positions 0 … count - 1 may hold a server; one that does not is never selectable. */
  readonly count: number;
  /** 1 where new connections may go, else 0. */
  readonly selectable: Int32Array;
  /** 1 to 65535 where selectable. */
  readonly weight: Int32Array;
  /** Connections that each server holds, over all services. */
  readonly active: Int32Array;
  /** Running values of smooth weighted round robin; this service's own. */
  readonly current: Int32Array;
  /** Position after the one chosen last: where ties are searched from, so that they rotate. */
  readonly cursor: number;
  /** A hash of each server's address (identity.ts): what the hashing schedulers know a server by. */
  readonly identity: Int32Array;
  /** A hash of the client's address, 0 to 2^32 - 1; 0 for schedulers that do not ask for it. */
  readonly client: number;
  /** Positions of servers, MAGLEV_SIZE of them (maglev.ts), or empty where the pool has no such table. */
  readonly maglev: Uint8Array;
}

/**
 * Chooses a position, or -1 when none is selectable. Does not count the connection: the caller does so before it
 * lets the lock go.
 * @param excluded a position that must not be chosen (a redispatch), or -1
 */
export type Scheduler = (set: ServerSet, excluded: number) => number;

export const SCHEDULER: Record<SchedulerName, Scheduler> = {
  rr: roundRobin,
  wrr: weightedRoundRobin,
  lc: leastConnections,
  wlc: weightedLeastConnections,
  sh: sourceHash,
  mh: maglevHash,
};

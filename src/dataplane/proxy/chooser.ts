import { type AddressWords, clientHash } from '../../scheduler/identity.ts';
import { MAGLEV_SIZE } from '../../scheduler/maglev.ts';
import { HASHING, type SchedulerName } from '../../scheduler/names.ts';
import { type Scheduler, SCHEDULER } from '../../scheduler/scheduler.ts';
import type { Guard, PoolChoice } from './guard/guard.ts';
import type { Holds } from './guard/holds.ts';
import { lock, unlock } from './mutex.ts';
import { NOBODY_KNOWN, serverTag, taggedServer } from './guard/persistence.ts';
import { AT_SERVER_LIMITS, NO_SERVER } from './refusals.ts';
import {
  FALLBACK_POSITION,
  NOT_SELECTABLE,
  POSITIONS,
  SELECTABLE,
  type SharedState,
  serverId,
} from './common-state.ts';

export interface ChooserSettings {
  readonly pool: number;
  readonly scheduler: SchedulerName;
}

/** Chooses servers for connections of one virtual service and counts them, exactly, across workers. */
export class Chooser implements PoolChoice {
  /** Whether it matters who the client is; if not, {@link choose} may be given any address. */
  readonly asksClient: boolean;
  /** What the connections hold is given back to; null: they hold nothing. */
  readonly guard: Guard | null;
  knownIsUsable = false;
  private readonly shared: SharedState;
  private readonly service: number;
  private readonly set: {
    count: number;
    selectable: Int32Array;
    readonly weight: Int32Array;
    readonly active: Int32Array;
    readonly current: Int32Array;
    cursor: number;
    readonly identity: Int32Array;
    client: number;
    readonly maglev: Uint8Array;
  };
  private readonly pool: number;
  private readonly scheduler: Scheduler;
  private readonly hashes: boolean;
  private readonly selectable: Int32Array;
  private readonly maxConnections: Int32Array;
  /** Servers that may be given one more connection, where limits say that not all selectable ones may. */
  private readonly free = new Int32Array(POSITIONS);

  constructor(shared: SharedState, service: number, settings: ChooserSettings, guard: Guard | null) {
    const { pool, scheduler } = settings;
    this.shared = shared;
    this.service = service;
    this.pool = pool;
    this.scheduler = SCHEDULER[scheduler];
    this.hashes = HASHING.has(scheduler);
    this.guard = guard;
    this.asksClient = this.hashes || guard !== null;
    const servers = (array: Int32Array): Int32Array =>
      array.subarray(pool * POSITIONS, (pool + 1) * POSITIONS);
    this.selectable = servers(shared.selectable);
    this.maxConnections = servers(shared.maxConnections);
    this.set = {
      count: 0,
      selectable: this.selectable,
      weight: servers(shared.weight),
      active: servers(shared.active),
      current: shared.current.subarray(service * POSITIONS, (service + 1) * POSITIONS),
      cursor: 0,
      identity: servers(shared.identity),
      client: 0,
      maglev: shared.maglev.subarray(pool * MAGLEV_SIZE, (pool + 1) * MAGLEV_SIZE),
    };
  }

  /**
   * The id of the server that the next connection or flow goes to, already counted as active there (until release);
   * the pool's fallback when no server can be had; a refusal (refusals.ts, negative) when there is no fallback either
   * or a limit of the service says no.
   * @param client who asks; NO_CLIENT where {@link asksClient} is false
   * @param excluded a server id that must not be chosen, or -1
   * @param holds,slot where the connection notes what it holds of the service's tables, and its place there. If that says
   *   that it holds something it was chosen for before (a redispatch), and is not counted twice. Once it has ended
   *   and `holds.held[slot]` is not 0, `guard.letGo(holds, slot)` has to be called.
   */
  choose(client: AddressWords, excluded: number, holds: Holds, slot: number): number {
    return this.guard
      ? this.guard.choose(this, client, excluded, holds, slot)
      : this.chooseInPool(client, excluded, NOBODY_KNOWN);
  }

  chooseInPool(client: AddressWords, excluded: number, known: number): number {
    const { shared, set, pool } = this;
    if (this.hashes) set.client = clientHash(client);
    this.knownIsUsable = false;
    lock(shared.lock, pool);
    set.count = shared.count[pool] as number;
    set.selectable = shared.limited[pool] === 1 ? this.serversWithRoom() : this.selectable;
    const returning = known === NOBODY_KNOWN ? -1 : this.knownServer(known, excluded);
    const chosen = returning >= 0 ? returning : this.schedule(excluded);
    if (chosen >= 0) Atomics.add(shared.active, chosen, 1);
    unlock(shared.lock, pool);
    return chosen;
  }

  private schedule(excluded: number): number {
    const { shared, set, pool, service } = this;
    set.cursor = shared.cursor[service] as number;
    const inPool = excluded >= 0 && Math.floor(excluded / POSITIONS) === pool;
    const position = this.scheduler(set, inPool ? excluded % POSITIONS : -1);
    if (position >= 0) {
      shared.cursor[service] = position + 1;
      return serverId(pool, position);
    }
    const fallback = serverId(pool, FALLBACK_POSITION);
    if (this.selectable[FALLBACK_POSITION] === SELECTABLE && fallback !== excluded) return fallback;
    return this.someAreFull(excluded) ? AT_SERVER_LIMITS : NO_SERVER;
  }

  /** The server that the client came to before, if it can be had; notes whether it is usable at all. */
  private knownServer(known: number, excluded: number): number {
    const { shared } = this;
    const id = taggedServer(known);
    const usable =
      id !== excluded &&
      Math.floor(id / POSITIONS) === this.pool &&
      known === serverTag(id, shared.generation[id] as number) &&
      shared.selectable[id] !== NOT_SELECTABLE;
    this.knownIsUsable = usable;
    return usable && this.hasRoom(id % POSITIONS) ? id : -1;
  }

  private hasRoom(position: number): boolean {
    const most = this.maxConnections[position] as number;
    return most === 0 || (this.set.active[position] as number) < most;
  }

  private serversWithRoom(): Int32Array {
    for (let at = 0; at < this.set.count; at++) {
      this.free[at] = this.selectable[at] === SELECTABLE && this.hasRoom(at) ? SELECTABLE : NOT_SELECTABLE;
    }
    return this.free;
  }

  /** Whether there would be a server if none had a limit. */
  private someAreFull(excluded: number): boolean {
    for (let at = 0; at < this.set.count; at++) {
      if (this.selectable[at] === SELECTABLE && serverId(this.pool, at) !== excluded) return true;
    }
    return false;
  }
}

/** Gives a connection's count back; needs no lock because a choice in progress may see either value. */
export function release(shared: SharedState, server: number): void {
  Atomics.sub(shared.active, server, 1);
}

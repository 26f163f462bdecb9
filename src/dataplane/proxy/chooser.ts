import { SCHEDULER } from '../../scheduler/scheduler.ts';
import type { SchedulerName } from '../../scheduler/names.ts';
import { lock, unlock } from './mutex.ts';
import { FALLBACK_POSITION, POSITIONS, type SharedState, serverId } from './shared.ts';

/** Chooses servers for connections of one virtual service and counts them, exactly, across workers. */
export class Chooser {
  private readonly shared: SharedState;
  private readonly service: number;
  private readonly set: {
    count: number;
    selectable: Int32Array;
    weight: Int32Array;
    active: Int32Array;
    current: Int32Array;
    cursor: number;
  };
  private readonly pool: number;
  private readonly scheduler: (typeof SCHEDULER)[SchedulerName];

  constructor(shared: SharedState, service: number, pool: number, scheduler: SchedulerName) {
    this.shared = shared;
    this.service = service;
    this.pool = pool;
    this.scheduler = SCHEDULER[scheduler];
    const servers = (array: Int32Array): Int32Array =>
      array.subarray(pool * POSITIONS, (pool + 1) * POSITIONS);
    this.set = {
      count: 0,
      selectable: servers(shared.selectable),
      weight: servers(shared.weight),
      active: servers(shared.active),
      current: shared.current.subarray(service * POSITIONS, (service + 1) * POSITIONS),
      cursor: 0,
    };
  }

  /**
   * The id of the server that the next connection goes to, already counted as active there; the pool's fallback when
   * no server is selectable; -1 when there is no fallback either.
   * @param excluded a server id that must not be chosen, or -1
   */
  choose(excluded: number): number {
    const { shared, set, pool, service } = this;
    lock(shared.lock, pool);
    set.count = shared.count[pool] as number;
    set.cursor = shared.cursor[service] as number;
    const inPool = excluded >= 0 && Math.floor(excluded / POSITIONS) === pool;
    let position = this.scheduler(set, inPool ? excluded % POSITIONS : -1);
    if (position >= 0) shared.cursor[service] = position + 1;
    else if (set.selectable[FALLBACK_POSITION] === 1) position = FALLBACK_POSITION;
    const chosen = position >= 0 && serverId(pool, position) !== excluded ? serverId(pool, position) : -1;
    if (chosen >= 0) Atomics.add(shared.active, chosen, 1);
    unlock(shared.lock, pool);
    return chosen;
  }
}

/** Gives a connection's count back; needs no lock because a choice in progress may see either value. */
export function release(shared: SharedState, server: number): void {
  Atomics.sub(shared.active, server, 1);
}

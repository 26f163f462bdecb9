/**
 * What a virtual service asks of a client before it chooses a server, and remembers afterwards: its limits and its
 * persistence. A service that has neither has no guard, and pays nothing for those that have one.
 *
 * The lock of the service is held from the first question until the choice is written down; within it the chooser
 * takes the pool's lock. So limits are exact and a client's connections that come at once find one server, across workers.
 */
import type { AddressWords } from '../../../scheduler/identity.ts';
import { NO_ENTRY } from './address-table.ts';
import type { Holds } from './holds.ts';
import { lock, unlock } from '../mutex.ts';
import { NOBODY_KNOWN, Persistence, type PersistenceNumbers, serverTag } from './persistence.ts';
import { AT_SERVICE_LIMIT } from '../refusals.ts';
import { FALLBACK_POSITION, POSITIONS, type SharedState } from '../common-state.ts';
import { SourceLimits, type SourceNumbers } from './source-limits.ts';

export interface GuardNumbers {
  /** Another one when a table was made, replaced or taken away: what connections hold belongs to the former tables. */
  readonly epoch: number;
  /** Connections that the service may hold; 0: no limit. */
  readonly maxConnections: number;
  readonly persistence: PersistenceNumbers | null;
  readonly sources: SourceNumbers | null;
}

/** The choice in the pool, of which the guard knows no more than this. */
export interface PoolChoice {
  /** Whether the server that the client came to before can be used, though perhaps it is full. */
  readonly knownIsUsable: boolean;
  /** @param known the server that the client came to before, by serverTag, or NOBODY_KNOWN */
  chooseInPool(client: AddressWords, excluded: number, known: number): number;
}

export class Guard {
  readonly epoch: number;
  private readonly shared: SharedState;
  private readonly service: number;
  private readonly maxConnections: number;
  private readonly persistence: Persistence | null;
  private readonly sources: SourceLimits | null;
  private readonly now: () => number;

  /** @param now milliseconds of a monotonic clock that all workers share */
  constructor(shared: SharedState, service: number, numbers: GuardNumbers, now: () => number) {
    this.epoch = numbers.epoch;
    this.shared = shared;
    this.service = service;
    this.maxConnections = numbers.maxConnections;
    this.persistence = numbers.persistence && new Persistence(numbers.persistence);
    this.sources = numbers.sources && new SourceLimits(numbers.sources);
    this.now = now;
  }

  /** A server id or a refusal. What the connection now holds is written down in `holds`, and given back by letGo. */
  choose(from: PoolChoice, client: AddressWords, excluded: number, holds: Holds, slot: number): number {
    lock(this.shared.serviceLock, this.service);
    const first = holds.held[slot] === 0;
    let chosen = first ? this.refusal(client) : 0;
    if (chosen >= 0) {
      chosen = this.persistence
        ? this.chooseKnown(this.persistence, from, client, excluded, holds, slot)
        : from.chooseInPool(client, excluded, NOBODY_KNOWN);
      if (first && chosen >= 0) this.hold(holds, slot, this.sources?.entry ?? NO_ENTRY);
    }
    unlock(this.shared.serviceLock, this.service);
    return chosen;
  }

  private refusal(client: AddressWords): number {
    const held = this.shared.serviceHeld[this.service] as number;
    if (this.maxConnections > 0 && held >= this.maxConnections) return AT_SERVICE_LIMIT;
    return this.sources?.refusal(client, this.now()) ?? 0;
  }

  private chooseKnown(
    persistence: Persistence,
    from: PoolChoice,
    client: AddressWords,
    excluded: number,
    holds: Holds,
    slot: number,
  ): number {
    const now = this.now();
    const entry = persistence.find(client, now);
    const chosen = from.chooseInPool(client, excluded, persistence.serverOf(entry));
    if (from.knownIsUsable) {
      // Its server, or another one while that is full.
      if (chosen >= 0) holds.holdClient(persistence.table, slot, entry);
    } else if (chosen < 0 || chosen % POSITIONS === FALLBACK_POSITION) {
      if (entry !== NO_ENTRY) persistence.remember(entry, client, NOBODY_KNOWN, now);
    } else {
      const tag = serverTag(chosen, this.shared.generation[chosen] as number);
      holds.holdClient(persistence.table, slot, persistence.remember(entry, client, tag, now));
    }
    return chosen;
  }

  private hold(holds: Holds, slot: number, source: number): void {
    this.shared.serviceHeld[this.service]! += 1;
    holds.held[slot] = 1;
    holds.source[slot] = source;
    if (source !== NO_ENTRY) this.sources?.table.hold(source);
  }

  /** Gives back what a connection or flow that has ended holds. */
  letGo(holds: Holds, slot: number): void {
    lock(this.shared.serviceLock, this.service);
    const now = this.now();
    this.shared.serviceHeld[this.service]! -= 1;
    holds.held[slot] = 0;
    holds.releaseClient(this.persistence?.table, slot, now);
    const source = holds.source[slot] as number;
    if (source !== NO_ENTRY) this.sources?.table.release(source, now);
    holds.source[slot] = NO_ENTRY;
    unlock(this.shared.serviceLock, this.service);
  }

  /** Counts a connection that was open before the guard stood here, whatever the limits say; it is not cut. */
  adopt(client: AddressWords, server: number, holds: Holds, slot: number): void {
    lock(this.shared.serviceLock, this.service);
    const now = this.now();
    this.hold(holds, slot, this.sources?.entryOf(client, now) ?? NO_ENTRY);
    if (this.persistence && server >= 0 && server % POSITIONS !== FALLBACK_POSITION) {
      const tag = serverTag(server, this.shared.generation[server] as number);
      const entry = this.persistence.find(client, now);
      const known =
        this.persistence.serverOf(entry) === NOBODY_KNOWN ? tag : this.persistence.serverOf(entry);
      holds.holdClient(this.persistence.table, slot, this.persistence.remember(entry, client, known, now));
    }
    unlock(this.shared.serviceLock, this.service);
  }
}

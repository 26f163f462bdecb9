/** Adding and removing addresses, with a record of which are ours that is never behind what is on the interfaces. */
import type { EventDraft } from '../state/events.ts';
import type { MachineNetwork } from './network.ts';
import type { OwnedStore } from './owned-file.ts';
import { type Owned, type Placed, prefixOf } from './reconcile.ts';
import * as say from './say.ts';

export interface OwnershipParts {
  readonly network: MachineNetwork;
  readonly store: OwnedStore;
  readonly tell: (draft: EventDraft) => void;
  /** Addresses that open connections to servers come from. */
  readonly sourcesInUse: () => Promise<ReadonlySet<string>>;
}

export class Ownership {
  readonly #parts: OwnershipParts;
  /** Null before the records of earlier runs are read. */
  #ours: readonly Owned[] | null = null;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
  }

  /** Without reading: none before anything was asked for. */
  get known(): readonly Owned[] {
    return this.#ours ?? [];
  }

  async ours(): Promise<readonly Owned[]> {
    return (this.#ours ??= await this.#parts.store.load());
  }

  /** @throws what the network throws; what was added is removed again then */
  async add(places: readonly Placed[], actor: string): Promise<readonly Placed[]> {
    if (places.length === 0) return [];
    const before = await this.ours();
    await this.settle([...before, ...places], actor);
    const done: Placed[] = [];
    try {
      for (const place of places) {
        await this.#parts.network.add(place.address, place.interfaceName, prefixOf(place));
        done.push(place);
      }
      return done;
    } catch (error) {
      await this.settle([...before, ...(await this.#removeAll(done, actor, () => {}))], actor);
      throw error;
    }
  }

  /**
   * Removes what no open connection to a server comes from.
   * @returns those that stay; to be tried again
   */
  async letGo(places: readonly Placed[], actor: string): Promise<readonly Placed[]> {
    if (places.length === 0) return [];
    const inUse = await this.#parts.sourcesInUse().catch(() => new Set<string>());
    const busy = places.filter((place) => inUse.has(place.address));
    const free = places.filter((place) => !inUse.has(place.address));
    return [...busy, ...(await this.remove(free, actor))];
  }

  /**
   * Tells of each. The record stays as it is: see {@link settle}.
   * @returns those that could not be removed
   */
  async remove(places: readonly Placed[], actor: string): Promise<readonly Placed[]> {
    return this.#removeAll(places, actor, (p) =>
      this.#parts.tell(say.removed(p.address, p.interfaceName, actor)),
    );
  }

  async #removeAll(
    places: readonly Placed[],
    actor: string,
    done: (place: Placed) => void,
  ): Promise<readonly Placed[]> {
    const left: Placed[] = [];
    for (const place of places) {
      try {
        await this.#parts.network.remove(place.address, place.interfaceName, prefixOf(place));
        done(place);
      } catch (error) {
        left.push(place);
        this.#trouble(say.wordsOf(error), actor);
      }
    }
    return left;
  }

  /** Takes back what was added for a change that does not stand. */
  async takeBack(added: readonly Placed[], actor: string): Promise<void> {
    if (added.length === 0) return;
    const left = await this.#removeAll(added, actor, () => {});
    const gone = new Set(added.filter((place) => !left.includes(place)).map((place) => place.address));
    await this.settle(
      (await this.ours()).filter(({ address }) => !gone.has(address)),
      actor,
    );
  }

  /** From now on these are ours. Without its record an address still serves; after a crash it would be taken for somebody else's. */
  async settle(ours: readonly Owned[], actor: string): Promise<void> {
    this.#ours = ours;
    try {
      await this.#parts.store.save(ours);
    } catch (error) {
      const words = say.wordsOf(error);
      this.#trouble(`Which addresses were added could not be kept for the next start: ${words}`, actor);
    }
  }

  #trouble(message: string, actor: string): void {
    this.#parts.tell(say.trouble(message, actor));
  }
}

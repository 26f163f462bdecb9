/**
 * The addresses of virtual services on the interface of the config: checked, added and announced with a config that
 * wants them, removed with one that does not and at the end. What somebody else added is used and left alone.
 */
import type { Clock } from '../lib/clock.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import type { AddressView } from '../state/contract.ts';
import type { EventDraft } from '../state/events.ts';
import { createQueue } from '../state/queue.ts';
import { PoolgateError } from '../lib/errors.ts';
import { Announcer } from './announcer.ts';
import type { Link } from './duplicates.ts';
import { findInterface, type Interface } from './interfaces.ts';
import type { MachineNetwork } from './network.ts';
import type { OwnedStore } from './owned-file.ts';
import { type Owned, type Placed, reconcile, type Steps } from './reconcile.ts';
import * as say from './say.ts';
import { wantedAddresses } from './wanted.ts';

/** All that can fail is done. One of the two is called, once; neither fails. */
export interface StagedAddresses {
  /** The config stands: announces what is new and removes what is no longer wanted. */
  commit(): Promise<void>;
  /** It does not: everything is as it was. */
  discard(): Promise<void>;
}

export interface KeeperParts {
  readonly network: MachineNetwork;
  readonly store: OwnedStore;
  readonly clock: Clock;
  readonly tell: (draft: EventDraft) => void;
}

interface Wish {
  readonly wanted: readonly string[];
  readonly interfaceName: string | null;
}

/** How often is looked whether the addresses are still there. */
export const LOOK_EVERY_MS = 10_000;

const NOTHING_TO_DO: StagedAddresses = { commit: async () => {}, discard: async () => {} };

export class AddressKeeper {
  readonly #parts: KeeperParts;
  readonly #announcer: Announcer;
  readonly #queue = createQueue();
  /** By our records; null before they are read. */
  #ours: readonly Owned[] | null = null;
  #wish: Wish = { wanted: [], interfaceName: null };
  #placed: readonly { readonly place: Placed; readonly ours: boolean }[] = [];

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#announcer = new Announcer(parts.network, parts.clock, (error) => this.#trouble(error, 'network'));
  }

  /**
   * Checks and adds what this config wants and this machine does not have; costs nothing when it wants what the last
   * one did. Never to be called before the last one was committed or discarded.
   * @throws PoolgateError INTERFACE_MISSING, ADDRESS_DUPLICATE, ADDRESS_FORBIDDEN, SYSTEM; nothing has changed then
   */
  async stage(config: EffectiveConfig, actor: string): Promise<StagedAddresses> {
    const wish = { wanted: wantedAddresses(config), interfaceName: config.topology.interface };
    if (JSON.stringify(wish) === JSON.stringify(this.#wish)) return NOTHING_TO_DO;
    return this.#queue.run(() => this.#prepare(wish, actor));
  }

  async #prepare(wish: Wish, actor: string): Promise<StagedAddresses> {
    const ours = (this.#ours ??= await this.#parts.store.load());
    if (wish.interfaceName === null && ours.length === 0) {
      return { commit: async () => void (this.#wish = wish), discard: async () => {} };
    }
    const interfaces = await this.#parts.network.interfaces();
    const on = wish.interfaceName === null ? null : findInterface(interfaces, wish.interfaceName);
    const steps = reconcile({ wanted: wish.wanted, interfaces, on, ours });
    refuseUnusable(steps.unusable);
    if (on === null)
      return { commit: () => this.#commit(wish, steps, [], null, actor), discard: async () => {} };
    await this.#check(steps.add, on, interfaces, actor);
    const added = await this.#add(steps.add, on, actor);
    return {
      commit: () => this.#commit(wish, steps, added, on, actor),
      discard: () => this.#takeBack(added, actor),
    };
  }

  /** @throws PoolgateError ADDRESS_DUPLICATE */
  async #check(
    addresses: readonly string[],
    on: Interface,
    interfaces: readonly Interface[],
    actor: string,
  ): Promise<void> {
    const link = linkOf(on);
    if (addresses.length === 0 || link === null) return;
    const ownMacs = new Set(interfaces.flatMap((i) => i.mac ?? []));
    const { owners, unasked } = on.up
      ? await this.#parts.network.findDuplicates(addresses, link, ownMacs)
      : { owners: new Map<string, string>(), unasked: addresses };
    for (const [address, mac] of owners) this.#parts.tell(say.duplicate(address, mac, on.name, actor));
    if (owners.size > 0) throw say.duplicateError(owners, on.name);
    if (unasked.length > 0) this.#parts.tell(say.unchecked(unasked, on.name, actor));
  }

  /** @throws what the network throws; what was added is removed again then */
  async #add(addresses: readonly string[], on: Interface, actor: string): Promise<readonly Placed[]> {
    const places = addresses.map((address) => ({
      address,
      interfaceIndex: on.index,
      interfaceName: on.name,
    }));
    if (places.length > 0) await this.#remember([...(this.#ours ?? []), ...places], actor);
    const done: Placed[] = [];
    try {
      for (const place of places) {
        await this.#parts.network.add(place.address, place.interfaceName);
        done.push(place);
      }
      return done;
    } catch (error) {
      await this.#takeBack(done, actor);
      throw error;
    }
  }

  async #takeBack(added: readonly Placed[], actor: string): Promise<void> {
    const left = await this.#remove(added, actor, () => {});
    this.#ours = [...(this.#ours ?? []), ...left];
    await this.#remember(this.#ours, actor);
  }

  async #commit(
    wish: Wish,
    steps: Steps,
    added: readonly Placed[],
    on: Interface | null,
    actor: string,
  ): Promise<void> {
    const known = new Set(this.#placed.filter((p) => p.ours).map((p) => p.place.address));
    const adopted = steps.keep.filter((place) => !known.has(place.address));
    this.#wish = wish;
    this.#placed = [
      ...[...steps.keep, ...added].map((place) => ({ place, ours: true })),
      ...steps.found.map((place) => ({ place, ours: false })),
    ];
    const link = on === null ? null : linkOf(on);
    const news = [...added, ...adopted].map((place) => place.address);
    const announced = link !== null && this.#announcer.start(news, link);
    const { tell } = this.#parts;
    for (const place of adopted) tell(say.adopted(place.address, place.interfaceName, actor));
    for (const place of added) tell(say.added(place.address, place.interfaceName, announced, actor));
    this.#announcer.stop(steps.remove.map((place) => place.address));
    const left = await this.#remove(steps.remove, actor, (p) =>
      tell(say.removed(p.address, p.interfaceName, actor)),
    );
    this.#ours = [...steps.keep, ...added, ...left];
    await this.#remember(this.#ours, actor);
  }

  /** @returns those that could not be removed */
  async #remove(
    places: readonly Placed[],
    actor: string,
    done: (place: Placed) => void,
  ): Promise<readonly Placed[]> {
    const left: Placed[] = [];
    for (const place of places) {
      try {
        await this.#parts.network.remove(place.address, place.interfaceName);
        done(place);
      } catch (error) {
        left.push(place);
        this.#trouble(error, actor);
      }
    }
    return left;
  }

  /** Without its record an address still serves; after a crash it would be left alone as somebody else's. */
  async #remember(ours: readonly Owned[], actor: string): Promise<void> {
    try {
      await this.#parts.store.save(ours);
    } catch (error) {
      this.#trouble(
        `Which addresses were added could not be kept for the next start: ${say.wordsOf(error)}`,
        actor,
      );
    }
  }

  #trouble(error: unknown, actor: string): void {
    this.#parts.tell(say.trouble(say.wordsOf(error), actor));
  }

  view(): AddressView[] {
    return this.#placed.map(({ place, ours }) => ({
      address: place.address,
      interface: place.interfaceName,
      ours,
    }));
  }

  /** Removes what we added. Safe to call twice; does not fail. */
  close(actor: string): Promise<void> {
    this.#announcer.close();
    return this.#queue.run(async () => {
      const ours = this.#ours ?? [];
      this.#ours = [];
      this.#placed = [];
      if (ours.length === 0) return;
      try {
        const interfaces = await this.#parts.network.interfaces();
        const { remove } = reconcile({ wanted: [], interfaces, on: null, ours });
        const left = await this.#remove(remove, actor, (p) =>
          this.#parts.tell(say.removed(p.address, p.interfaceName, actor)),
        );
        await this.#remember(left, actor);
      } catch (error) {
        this.#trouble(error, actor);
      }
    });
  }
}

/** Null where there are no neighbours to ask or to tell. */
function linkOf(one: Interface): Link | null {
  return one.hasNeighbours && one.mac !== null ? { index: one.index, mac: one.mac } : null;
}

function refuseUnusable(places: readonly Placed[]): void {
  const [first] = places;
  if (!first) return;
  const message = `${first.address} is on ${first.interfaceName}, but the kernel found another machine with it (dadfailed).`;
  const hint = `Take it from the other machine; then remove it here: ip -6 address del ${first.address} dev ${first.interfaceName}.`;
  throw new PoolgateError('ADDRESS_DUPLICATE', message, { hint });
}

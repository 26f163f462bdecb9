/**
 * The addresses of virtual services on the interfaces of the config: checked, added and announced with a config that
 * wants them, put back when somebody takes them away, removed with a config that does not want them and at the end.
 * What somebody else added is used and left alone.
 */
import type { Clock } from '../lib/clock.ts';
import { type Periodic, periodically } from '../lib/periodically.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import type { AddressView } from '../state/contract.ts';
import { createQueue } from '../state/queue.ts';
import { Announcer } from './announcer.ts';
import {
  askForDuplicates,
  byInterface,
  linkOf,
  outsideOf,
  refuseDuplicates,
  refuseUnusable,
} from './check.ts';
import { Conflicts } from './conflicts.ts';
import { findInterface, type Interface } from './interfaces.ts';
import { Ownership, type OwnershipParts } from './ownership.ts';
import { type Placed, reconcile, type Steps, type Target } from './reconcile.ts';
import * as say from './say.ts';
import { type WantedAddress, wantedAddresses } from './wanted.ts';

/** All that can fail is done. One of the two is called, once; neither fails. */
export interface StagedAddresses {
  /** The config stands: announces what is new and removes what is no longer wanted. */
  commit(): Promise<void>;
  /** It does not: everything is as it was. */
  discard(): Promise<void>;
}

export interface KeeperParts extends OwnershipParts {
  readonly clock: Clock;
}

interface Wish {
  readonly wanted: readonly WantedAddress[];
  /** They stay at the end. */
  readonly keepAtStop: boolean;
}

/** How often is looked whether the addresses are still there. */
export const LOOK_EVERY_MS = 10_000;
/** And every how many looks whether another machine has one too. */
export const CONFLICTS_EVERY_LOOKS = 6;

const NOTHING_TO_DO: StagedAddresses = { commit: async () => {}, discard: async () => {} };
/** Who it was when nobody asked. */
const ITSELF = 'network';

export class AddressKeeper {
  readonly #parts: KeeperParts;
  readonly #ownership: Ownership;
  readonly #announcer: Announcer;
  readonly #conflicts: Conflicts;
  readonly #queue = createQueue();
  #wish: Wish = { wanted: [], keepAtStop: false };
  #placed: readonly { readonly place: Placed; readonly ours: boolean }[] = [];
  /** Wanted, and not reachable at the last look. */
  #absent: ReadonlySet<string> = new Set();
  /** Ours, no longer wanted, and not yet gone. */
  #leaving = false;
  #looks = 0;
  #staged = false;
  #lastTrouble = '';
  #looking: Periodic | null = null;
  #closed = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#ownership = new Ownership(parts);
    this.#conflicts = new Conflicts(parts.tell);
    this.#announcer = new Announcer(parts.network, parts.clock, (error) => this.#trouble(error));
  }

  /**
   * Checks and adds what this config wants and this machine does not have; costs nothing when it wants what the last
   * one did. Never to be called before the last one was committed or discarded.
   * @throws PoolgateError INTERFACE_MISSING, ADDRESS_DUPLICATE, ADDRESS_FORBIDDEN, SYSTEM; nothing has changed then
   */
  async stage(config: EffectiveConfig, actor: string): Promise<StagedAddresses> {
    const wish = { wanted: wantedAddresses(config), keepAtStop: config.topology.keepAtStop };
    if (JSON.stringify(wish) === JSON.stringify(this.#wish)) return NOTHING_TO_DO;
    return this.#queue.run(() => this.#prepare(wish, actor));
  }

  async #prepare(wish: Wish, actor: string): Promise<StagedAddresses> {
    const ours = await this.#ownership.ours();
    if (wish.wanted.every((one) => one.interfaceName === null) && ours.length === 0) {
      return { commit: async () => void (this.#wish = wish), discard: async () => {} };
    }
    const { network, tell } = this.#parts;
    const interfaces = await network.interfaces();
    const steps = reconcile({ wanted: targetsOf(wish, interfaces), interfaces, ours });
    refuseUnusable(steps.unusable);
    for (const { on, places } of byInterface(steps.add, interfaces)) {
      await refuseDuplicates(addressesOf(places), { on, interfaces, network, tell }, actor);
    }
    const added = await this.#ownership.add(steps.add, actor);
    this.#staged = true;
    return {
      commit: async () => {
        await this.#commit(wish, steps, added, interfaces, actor);
        this.#staged = false;
      },
      discard: async () => {
        await this.#ownership.takeBack(added, actor);
        this.#staged = false;
      },
    };
  }

  async #commit(
    wish: Wish,
    steps: Steps,
    added: readonly Placed[],
    interfaces: readonly Interface[],
    actor: string,
  ): Promise<void> {
    const { tell } = this.#parts;
    const known = new Set(this.#placed.filter((p) => p.ours).map((p) => p.place.address));
    const adopted = steps.keep.filter((place) => !known.has(place.address));
    this.#wish = wish;
    this.#placed = [
      ...[...steps.keep, ...added].map((place) => ({ place, ours: true })),
      ...steps.found.map((place) => ({ place, ours: false })),
    ];
    const announced = this.#announce([...added, ...adopted], interfaces);
    for (const place of adopted) tell(say.adopted(place.address, place.interfaceName, actor));
    for (const place of added) {
      tell(say.added(place.address, place.interfaceName, announced.has(place.interfaceIndex), actor));
    }
    for (const { on, places } of byInterface(added, interfaces)) {
      const outside = outsideOf(on, places);
      if (outside.length > 0) tell(say.outside(outside, on.name, actor));
    }
    await this.#letGo(steps, added, actor);
    if (wish.wanted.some((one) => one.interfaceName !== null)) {
      this.#looking ??= periodically(this.#parts.clock, LOOK_EVERY_MS, () => this.#lookAgain());
    }
  }

  /** @returns the indexes of the interfaces on which all could be announced */
  #announce(places: readonly Placed[], interfaces: readonly Interface[]): ReadonlySet<number> {
    const done = byInterface(places, interfaces).filter((group) => {
      const link = linkOf(group.on);
      return link !== null && this.#announcer.start(addressesOf(group.places), link);
    });
    return new Set(done.map(({ on }) => on.index));
  }

  /** What is no longer wanted; ours are then those that are, and what could not go. */
  async #letGo(steps: Steps, added: readonly Placed[], actor: string): Promise<void> {
    this.#announcer.stop(steps.remove.map((place) => place.address));
    const left = await this.#ownership.letGo(steps.remove, actor);
    this.#leaving = left.length > 0;
    await this.#ownership.settle([...steps.keep, ...added, ...left], actor);
  }

  async #lookAgain(): Promise<void> {
    await this.#queue.run(async () => {
      if (this.#staged || this.#closed) return;
      await this.#look().catch((error: unknown) => this.#trouble(error));
    });
  }

  /** Something else may take addresses away (a network service that restarts), or the link may have been down. */
  async #look(): Promise<void> {
    const { network } = this.#parts;
    const present = network.present();
    const absent = new Set(this.#placed.map(({ place }) => place.address).filter((a) => !present.has(a)));
    const back = [...this.#absent].filter((address) => !absent.has(address));
    this.#absent = absent;
    this.#looks += 1;
    const forConflicts = this.#looks % CONFLICTS_EVERY_LOOKS === 0;
    if (absent.size === 0 && back.length === 0 && !this.#leaving && !forConflicts) return;
    const interfaces = await network.interfaces();
    const steps = reconcile({
      wanted: targetsOf(this.#wish, interfaces),
      interfaces,
      ours: await this.#ownership.ours(),
    });
    const usable = interfaces.filter((one) => one.up);
    this.#tellOfDown(interfaces.filter((one) => !one.up));
    const reachable = steps.keep.filter((place) => back.includes(place.address));
    for (const { on, places } of byInterface(reachable, usable)) this.#welcome(places, on);
    const added: Placed[] = [];
    for (const { on, places } of byInterface(steps.add, usable)) {
      added.push(...(await this.#putBack(places, on, interfaces)));
    }
    if (this.#absent.size === 0) this.#lastTrouble = '';
    await this.#letGo(steps, added, ITSELF);
    if (!forConflicts) return;
    const kept = byInterface(steps.keep, usable).map(({ on, places }) => ({
      addresses: addressesOf(places),
      link: { on, interfaces, network },
    }));
    await this.#conflicts.look(kept);
  }

  #tellOfDown(down: readonly Interface[]): void {
    const absent = this.#placed.map(({ place }) => place).filter(({ address }) => this.#absent.has(address));
    const lines = byInterface(absent, down).map(({ on, places }) =>
      say.unreachable(addressesOf(places), on.name),
    );
    if (lines.length > 0) this.#troubleOnce(lines.join(' '));
  }

  /** The link may have come back on another port of the switch. */
  #welcome(places: readonly Placed[], on: Interface): void {
    if (this.#announce(places, [on]).size === 0) return;
    this.#parts.tell(say.reachable(addressesOf(places), on.name));
  }

  async #putBack(
    places: readonly Placed[],
    on: Interface,
    interfaces: readonly Interface[],
  ): Promise<readonly Placed[]> {
    const { network } = this.#parts;
    const { owners } = await askForDuplicates(addressesOf(places), { on, interfaces, network });
    if (owners.size > 0) this.#trouble(say.duplicateError(owners, on.name));
    const free = places.filter((place) => !owners.has(place.address));
    const added = await this.#ownership.add(free, ITSELF);
    this.#announce(added, [on]);
    for (const place of added) this.#parts.tell(say.restored(place.address, place.interfaceName));
    const there = new Set(addressesOf(free));
    this.#absent = new Set([...this.#absent].filter((address) => !there.has(address)));
    this.#placed = [
      ...this.#placed.filter(({ place }) => !there.has(place.address)),
      ...added.map((place) => ({ place, ours: true })),
    ];
    return added;
  }

  #trouble(error: unknown): void {
    this.#troubleOnce(say.wordsOf(error));
  }

  /** What is looked at every few seconds is told when it changes. */
  #troubleOnce(message: string): void {
    if (message !== this.#lastTrouble) this.#parts.tell(say.trouble(message, ITSELF));
    this.#lastTrouble = message;
  }

  view(): AddressView[] {
    return this.#placed.map(({ place: { address, interfaceName }, ours }) => ({
      address,
      interface: interfaceName,
      ours,
      present: !this.#absent.has(address),
      conflict: this.#conflicts.with(address),
    }));
  }

  /** Removes what we added, unless the config has it stay. Safe to call twice; does not fail. */
  close(actor: string): Promise<void> {
    this.#closed = true;
    this.#announcer.close();
    this.#looking?.close();
    return this.#queue.run(async () => {
      this.#placed = [];
      const ours = this.#ownership.known;
      // Their record stays too, and by it the next start takes them over.
      if (ours.length === 0 || this.#wish.keepAtStop) return;
      try {
        const interfaces = await this.#parts.network.interfaces();
        const { remove } = reconcile({ wanted: [], interfaces, ours });
        const left = await this.#ownership.remove(remove, actor);
        await this.#ownership.settle(left, actor);
      } catch (error) {
        this.#trouble(error);
      }
    });
  }
}

/** @throws PoolgateError INTERFACE_MISSING */
function targetsOf({ wanted }: Wish, interfaces: readonly Interface[]): Target[] {
  return wanted.map(({ address, prefix, interfaceName }) => ({
    address,
    prefix,
    on: interfaceName === null ? null : findInterface(interfaces, interfaceName),
  }));
}

function addressesOf(places: readonly Placed[]): string[] {
  return places.map((place) => place.address);
}

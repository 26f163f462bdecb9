/** Announces addresses now and again some times later; one that goes meanwhile is no longer announced. */
import type { Clock, Timer } from '../lib/clock.ts';
import { ANNOUNCE_TIMES_MS } from './announce.ts';
import type { Link } from './duplicates.ts';
import type { MachineNetwork } from './network.ts';

export class Announcer {
  readonly #network: MachineNetwork;
  readonly #clock: Clock;
  readonly #onTrouble: (error: unknown) => void;
  /** What is still to be announced, by address: the link and the times that are left. */
  readonly #left = new Map<string, { link: Link; timers: Timer[] }>();

  constructor(network: MachineNetwork, clock: Clock, onTrouble: (error: unknown) => void) {
    this.#network = network;
    this.#clock = clock;
    this.#onTrouble = onTrouble;
  }

  /** @returns whether the first one could be sent for all of them */
  start(addresses: readonly string[], link: Link): boolean {
    this.stop(addresses);
    const timers = ANNOUNCE_TIMES_MS.slice(1).map((ms) =>
      this.#clock.after(
        ms,
        () =>
          void this.#send(
            addresses.filter((a) => this.#left.get(a)?.timers === timers),
            link,
          ),
      ),
    );
    for (const address of addresses) this.#left.set(address, { link, timers });
    return this.#send(addresses, link);
  }

  #send(addresses: readonly string[], link: Link): boolean {
    if (addresses.length === 0) return true;
    try {
      return this.#network.announce(addresses, link).length === 0;
    } catch (error) {
      this.#onTrouble(error);
      return false;
    }
  }

  stop(addresses: readonly string[]): void {
    for (const address of addresses) this.#left.delete(address);
  }

  close(): void {
    for (const { timers } of this.#left.values()) for (const timer of timers) timer.cancel();
    this.#left.clear();
  }
}

/** Whether another machine has taken an address since it was ours: RFC 5227 section 2.4 without the fight. */
import type { EventDraft } from '../state/events.ts';
import { askForDuplicates, type CheckedLink } from './check.ts';
import * as say from './say.ts';

export class Conflicts {
  readonly #tell: (draft: EventDraft) => void;
  #found: ReadonlyMap<string, string> = new Map();

  constructor(tell: (draft: EventDraft) => void) {
    this.#tell = tell;
  }

  /** The MAC of the other machine, or null. */
  with(address: string): string | null {
    return this.#found.get(address) ?? null;
  }

  /**
   * Asks for our own addresses; only others answer. The other machine is named and left alone: announcing ours again would
   * send clients to and fro for ever.
   */
  async look(addresses: readonly string[], link: CheckedLink): Promise<void> {
    const { owners } = await askForDuplicates(addresses, link);
    for (const [address, mac] of owners) {
      if (this.#found.get(address) !== mac) this.#tell(say.conflict(address, mac, link.on.name));
    }
    for (const address of this.#found.keys()) {
      if (!owners.has(address)) this.#tell(say.conflictOver(address, link.on.name));
    }
    this.#found = owners;
  }
}

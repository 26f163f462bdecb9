/** Whether another machine has taken an address since it was ours: RFC 5227 section 2.4 without the fight. */
import type { EventDraft } from '../state/events.ts';
import { askForDuplicates, type CheckedLink } from './check.ts';
import * as say from './say.ts';

export class Conflicts {
  readonly #tell: (draft: EventDraft) => void;
  #found: ReadonlyMap<string, { readonly mac: string; readonly on: string }> = new Map();

  constructor(tell: (draft: EventDraft) => void) {
    this.#tell = tell;
  }

  /** The MAC of the other machine, or null. */
  with(address: string): string | null {
    return this.#found.get(address)?.mac ?? null;
  }

  /**
   * Asks for our own addresses; only others answer. The other machine is named and left alone: announcing ours again would
   * send clients to and fro for ever.
   */
  async look(
    asked: readonly { readonly addresses: readonly string[]; readonly link: CheckedLink }[],
  ): Promise<void> {
    const found = new Map<string, { mac: string; on: string }>();
    for (const { addresses, link } of asked) {
      const { owners } = await askForDuplicates(addresses, link);
      for (const [address, mac] of owners) found.set(address, { mac, on: link.on.name });
    }
    for (const [address, { mac, on }] of found) {
      if (this.with(address) !== mac) this.#tell(say.conflict(address, mac, on));
    }
    for (const [address, { on }] of this.#found) {
      if (!found.has(address)) this.#tell(say.conflictOver(address, on));
    }
    this.#found = found;
  }
}

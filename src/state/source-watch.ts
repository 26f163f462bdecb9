/** Tells in time when the ports of a source address run out. */
import type { Clock, Timer } from '../lib/clock.ts';
import type { SourceView } from './contract.ts';
import type { EventDraft } from './events.ts';

const LOOK_EVERY_MS = 5000;
/** Parts of an address's ports towards one server: where it is said that they run out, and that they do not any more. */
const LOW = 0.8;
const FREE = 0.7;

export interface SourceWatchParts {
  readonly clock: Clock;
  readonly look: () => Promise<readonly SourceView[]>;
  readonly tell: (event: EventDraft) => void;
}

export class SourceWatch {
  readonly #parts: SourceWatchParts;
  readonly #low = new Set<string>();
  #timer: Timer | null = null;
  #closed = false;

  constructor(parts: SourceWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = this.#parts.clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    // A plane that is stopping has nothing to say, and nobody to hear it.
    const views = await this.#parts.look().catch(() => []);
    if (this.#closed) return;
    for (const view of views) this.#judge(view);
    this.start();
  }

  #judge(view: SourceView): void {
    const part = (view.fullest?.used ?? 0) / view.ports;
    const known = this.#low.has(view.address);
    if (!known && part >= LOW) {
      this.#low.add(view.address);
      this.#parts.tell(runsOut(view));
    } else if (known && part < FREE) {
      this.#low.delete(view.address);
      const message = `Source address ${view.address} has ports free again.`;
      this.#parts.tell({ kind: 'source-ports-free', severity: 'notice', message, actor: 'watch' });
    }
  }
}

function runsOut({ address, ports, fullest }: SourceView): EventDraft {
  const to = `${fullest?.pool}/${fullest?.realServer} port ${fullest?.port}`;
  const message = `Source address ${address} has ${fullest?.used} of its ${ports} ports in use to ${to}: add an address to \`snatPool\`.`;
  return { kind: 'source-ports-low', severity: 'warning', message, actor: 'watch' };
}

/** Tells in time when the ports of a source address run out, and when connections find none. */
import type { PlaneCounters } from '../dataplane/dataplane.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { SourceView } from './contract.ts';
import type { EventDraft } from './events.ts';

const LOOK_EVERY_MS = 5000;
/** Parts of an address's ports towards one server: where it is said that they run out, and that they do not any more. */
const LOW = 0.8;
const FREE = 0.7;
/** Least time between two words about the same server, so that a flood of clients is no flood of events. */
const SAY_AGAIN_MS = 60_000;

export interface SourceWatchParts {
  readonly clock: Clock;
  readonly look: () => Promise<readonly SourceView[]>;
  /** Connections so far that found no source port, by `POOL/SERVER`. */
  readonly shortages: () => ReadonlyMap<string, number>;
  readonly tell: (event: EventDraft) => void;
}

export function shortagesOf({ servers }: PlaneCounters): ReadonlyMap<string, number> {
  return new Map([...servers].map(([name, { sourceShortages }]) => [name, sourceShortages]));
}

export class SourceWatch {
  readonly #parts: SourceWatchParts;
  readonly #low = new Set<string>();
  readonly #said = new Map<string, { readonly count: number; readonly at: number }>();
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
    this.#lookForShortages();
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

  /** What is used says nothing of ports in TIME_WAIT: only who asked in vain knows of them. */
  #lookForShortages(): void {
    const now = this.#parts.clock.monotonic();
    const shortages = this.#parts.shortages();
    for (const server of this.#said.keys()) if (!shortages.has(server)) this.#said.delete(server);
    for (const [server, count] of shortages) {
      const said = this.#said.get(server);
      // A server that was removed and added again counts from zero.
      const more = count - (said && said.count <= count ? said.count : 0);
      if (more === 0 || (said && now - said.at < SAY_AGAIN_MS)) continue;
      this.#said.set(server, { count, at: now });
      this.#parts.tell(foundNone(server, more));
    }
  }
}

function foundNone(server: string, count: number): EventDraft {
  const many = count === 1 ? '1 connection' : `${count} connections`;
  const message = `No source port was free for ${many} to ${server}; ports rest for a minute after use: add an address to \`snatPool\`.`;
  return { kind: 'source-ports-out', severity: 'warning', message, actor: 'watch' };
}

function runsOut({ address, ports, fullest }: SourceView): EventDraft {
  const to = `${fullest?.pool}/${fullest?.realServer} port ${fullest?.port}`;
  const message = `Source address ${address} has ${fullest?.used} of its ${ports} ports in use to ${to}: add an address to \`snatPool\`.`;
  return { kind: 'source-ports-low', severity: 'warning', message, actor: 'watch' };
}

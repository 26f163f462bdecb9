import type { Clock, Timer } from './clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on, firing what falls due in order; I/O and setImmediate callbacks run between two times. */
  advance(ms: number): Promise<void>;
  /** Timers that have neither fired nor been cancelled. */
  pending(): number;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. @param startMs wall clock at the start */
export function manualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  const entries = new Set<Entry>();
  let elapsed = 0;
  let order = 0;

  function after(delayMs: number, run: () => void): Timer {
    const entry = { at: elapsed + Math.max(0, delayMs), order: order++, run };
    entries.add(entry);
    return { cancel: () => void entries.delete(entry) };
  }

  async function advance(ms: number): Promise<void> {
    const end = elapsed + ms;
    await settle();
    for (let due = earliest(entries, end); due; due = earliest(entries, end)) {
      elapsed = due.at;
      for (let next: Entry | undefined = due; next; next = earliest(entries, elapsed)) {
        entries.delete(next);
        next.run();
        await Promise.resolve();
      }
      await settle();
    }
    elapsed = end;
  }

  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    after,
    advance,
    pending: () => entries.size,
  };
}

function earliest(entries: Iterable<Entry>, end: number): Entry | undefined {
  let best: Entry | undefined;
  for (const entry of entries) {
    if (entry.at > end) continue;
    if (!best || entry.at < best.at || (entry.at === best.at && entry.order < best.order)) best = entry;
  }
  return best;
}

/** Lets promise chains and setImmediate callbacks that are already under way run to their end. */
export async function settle(turns = 4): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((done) => setImmediate(done));
}

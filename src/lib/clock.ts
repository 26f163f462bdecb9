/** Time as an argument: everything that waits or stamps takes a Clock, so that tests decide what time it is. */
export interface Clock {
  /** Wall clock, ms since 1970; may jump. For stamps only. */
  now(): number;
  /** Monotonic ms from an arbitrary start. For durations and deadlines. */
  monotonic(): number;
  /** Calls `run` once, `delayMs` from now; never before this call returns. */
  after(delayMs: number, run: () => void): Timer;
}

export interface Timer {
  /** Safe to call twice, and after it fired. */
  cancel(): void;
}

/** setTimeout fires at once when asked for more than this (about 24.8 days), so longer waits go in pieces. */
const LONGEST_MS = 2 ** 31 - 1;

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, run) => startTimer(delayMs, run),
};

function startTimer(delayMs: number, run: () => void): Timer {
  let handle: NodeJS.Timeout;
  function arm(leftMs: number): void {
    if (leftMs > LONGEST_MS) handle = setTimeout(() => arm(leftMs - LONGEST_MS), LONGEST_MS);
    else handle = setTimeout(run, Math.max(0, leftMs));
  }
  arm(delayMs);
  return { cancel: () => clearTimeout(handle) };
}

/** ISO 8601 in UTC with milliseconds, as all views and events show times. */
export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

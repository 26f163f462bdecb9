/** Scenarios wait on conditions; this is the only place of the lab where time passes by itself. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds after which waiting is an error; default 15,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between looks; default 25. */
  readonly everyMs?: number;
}

/**
 * Looks again and again until `look` returns something other than null, undefined or false, and returns that.
 * @throws Error that names `what` and the last value seen
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = Date.now() + (options.timeoutMs ?? 15_000);
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) {
      return seen as Exclude<T, null | undefined | false>;
    }
    if (Date.now() > deadline) throw new Error(`gave up waiting: ${what}`);
    await sleep(options.everyMs ?? 25);
  }
}

/** Waits until a number has been the same at `looks` looks one after the other, and returns it. */
export async function waitSteady(
  what: string,
  look: () => number | Promise<number>,
  looks = 12,
  options: WaitOptions = {},
): Promise<number> {
  let last = Number.NaN;
  let same = 0;
  return waitFor(
    `${what} to stay the same`,
    async () => {
      const now = await look();
      same = now === last ? same + 1 : 0;
      last = now;
      return same >= looks ? { now } : null;
    },
    { everyMs: 40, ...options },
  ).then((steady) => steady.now);
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Started } from './processes.ts';

/** Tries until it succeeds; throws when the process ends first or after `limitMs`, with what the process said. */
export async function waitUntil(
  what: string,
  started: Started,
  attempt: () => Promise<boolean>,
  limitMs = 20_000,
) {
  const end = Date.now() + limitMs;
  let gone = false;
  started.ended.then(
    () => (gone = true),
    () => (gone = true),
  );
  while (!(await attempt())) {
    if (gone) throw new Error(`${what}: it ended before it was ready\n${started.output()}`);
    if (Date.now() > end)
      throw new Error(`${what}: not ready after ${limitMs / 1000} s\n${started.output()}`);
    await delay(25);
  }
}

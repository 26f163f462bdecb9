import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 15;

/**
 * Looks again and again until it finds something; null when that takes longer than `withinMs`.
 * @throws the signal's reason when it aborts
 */
export async function until<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  withinMs: number,
  signal: AbortSignal,
): Promise<T | null> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) return null;
    await sleep(LOOK_MS);
  }
}

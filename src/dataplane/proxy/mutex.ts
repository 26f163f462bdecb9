/**
 * A mutual exclusion lock in one word of shared memory: 0 free, 1 held, 2 held and somebody waits (the third lock of
 * Drepper, "Futexes Are Tricky"). Uncontended it costs one compare-and-swap each way and no system call.
 */
export function lock(words: Int32Array<SharedArrayBuffer>, index: number): void {
  let seen = Atomics.compareExchange(words, index, 0, 1);
  if (seen === 0) return;
  do {
    if (seen === 2 || Atomics.compareExchange(words, index, 1, 2) !== 0) Atomics.wait(words, index, 2);
    seen = Atomics.compareExchange(words, index, 0, 2);
  } while (seen !== 0);
}

export function unlock(words: Int32Array<SharedArrayBuffer>, index: number): void {
  if (Atomics.sub(words, index, 1) === 1) return;
  Atomics.store(words, index, 0);
  Atomics.notify(words, index, 1);
}

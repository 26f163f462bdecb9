/** Milliseconds of CLOCK_MONOTONIC, the same in all threads; `performance.now()` starts from zero in each. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

import { expect, test } from 'vitest';
import { isoTime, realClock } from './clock.ts';
import { manualClock } from './manual-clock.ts';

test('the manual clock fires in order of time, then of asking, and lets timers set timers', async () => {
  const clock = manualClock(0);
  const seen: string[] = [];
  clock.after(20, () => seen.push(`c@${clock.monotonic()}`));
  clock.after(10, () => {
    seen.push(`a@${clock.monotonic()}`);
    clock.after(5, () => seen.push(`b@${clock.monotonic()}`));
  });
  clock.after(20, () => seen.push(`d@${clock.monotonic()}`));
  clock.after(30, () => seen.push('late')).cancel();
  await clock.advance(25);
  expect(seen).toEqual(['a@10', 'b@15', 'c@20', 'd@20']);
  expect(clock.now()).toBe(25);
  await clock.advance(100);
  expect(seen).toHaveLength(4);
  expect(clock.pending()).toBe(0);
});

test('the real clock waits, can be cancelled, and does not fire at once for waits beyond 2^31 ms', async () => {
  let far = false;
  const timer = realClock.after(2 ** 31 + 1000, () => {
    far = true;
  });
  const cancelled = realClock.after(1, () => expect.fail('cancelled'));
  cancelled.cancel();
  await new Promise<void>((done) => realClock.after(5, done));
  expect(far).toBe(false);
  timer.cancel();
});

test('times are shown in ISO 8601', () => {
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
});

import { expect, test } from 'vitest';
import { manualClock } from './manual-clock.ts';
import { periodically } from './periodically.ts';

test('runs again when it has ended, and not after it is closed', async () => {
  const clock = manualClock();
  let runs = 0;
  const first = Promise.withResolvers<void>();
  const periodic = periodically(clock, 100, () => {
    runs++;
    return first.promise;
  });
  await clock.advance(99);
  expect(runs).toBe(0);
  await clock.advance(1);
  expect(runs).toBe(1);
  await clock.advance(1000);
  expect(runs).toBe(1);
  first.resolve();
  await clock.advance(100);
  expect(runs).toBe(2);
  periodic.close();
  await clock.advance(1000);
  expect([runs, clock.pending()]).toEqual([2, 0]);
});

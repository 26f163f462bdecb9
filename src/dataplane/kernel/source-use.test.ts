import { expect, test } from 'vitest';
import { manualClock } from '../../lib/manual-clock.ts';
import { EMPTY_STATE, type SourceUse } from '../dataplane.ts';
import { SourceUses } from './source-use.ts';

test('a look that took long is good for longer, a short one is not', async () => {
  const clock = manualClock();
  const uses = new SourceUses(clock, async () => []);
  let looks = 0;
  const lookFor = (ms: number) => async (): Promise<SourceUse[]> => {
    looks += 1;
    await clock.advance(ms);
    return [];
  };
  await uses.of(EMPTY_STATE, lookFor(50));
  await clock.advance(1);
  await uses.of(EMPTY_STATE, lookFor(200));
  expect(looks).toBe(2);
  await clock.advance(4000);
  await uses.of(EMPTY_STATE, lookFor(1));
  expect(looks).toBe(2);
  await clock.advance(1);
  await uses.of(EMPTY_STATE, lookFor(1));
  expect(looks).toBe(3);
});

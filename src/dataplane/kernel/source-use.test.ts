import { expect, test } from 'vitest';
import { manualClock } from '../../lib/manual-clock.ts';
import { EMPTY_STATE } from '../dataplane.ts';
import { SourceUses } from './source-use.ts';

test('a look that took long is good for longer, a short one is not', async () => {
  const clock = manualClock();
  let looks = 0;
  let ms = 50;
  const uses = new SourceUses(
    clock,
    () => {},
    async () => {
      looks += 1;
      await clock.advance(ms);
    },
  );
  await uses.of(EMPTY_STATE);
  await clock.advance(1);
  ms = 200;
  await uses.of(EMPTY_STATE);
  expect(looks).toBe(2);
  await clock.advance(4000);
  ms = 1;
  await uses.of(EMPTY_STATE);
  expect(looks).toBe(2);
  await clock.advance(1);
  await uses.of(EMPTY_STATE);
  expect(looks).toBe(3);
});

test('who asks while somebody looks is answered by that look, and a look that failed is not the last one', async () => {
  let looks = 0;
  const uses = new SourceUses(
    manualClock(),
    () => {},
    async () => {
      looks += 1;
      if (looks === 1) throw new Error('no room');
    },
  );
  const both = await Promise.allSettled([uses.of(EMPTY_STATE), uses.of(EMPTY_STATE)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(looks).toBe(1);
  await expect(uses.of(EMPTY_STATE)).resolves.toEqual([]);
  expect(looks).toBe(2);
});

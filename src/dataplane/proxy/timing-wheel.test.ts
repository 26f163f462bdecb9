import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TICK_MS, TimingWheel } from './timing-wheel.ts';

function collect(wheel: TimingWheel, now: number): number[] {
  const due: number[] = [];
  wheel.advance(now, (thing) => due.push(thing));
  return due.sort((a, b) => a - b);
}

test('fires no earlier than the deadline and at most a tick after it', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 60_000 }), (start, delay) => {
      const wheel = new TimingWheel(1, start);
      wheel.add(0, start + delay);
      let now = start;
      while (collect(wheel, now).length === 0) now += 1;
      return now >= start + delay && now <= start + delay + 2 * TICK_MS;
    }),
    { numRuns: 50 },
  );
});

test('any mix of adds and removes: exactly those that are left come, each once', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(5000), fc.boolean()), { maxLength: 60 }), (steps) => {
      const wheel = new TimingWheel(10, 0);
      const scheduled = new Set<number>();
      for (const [thing, deadline, add] of steps) {
        wheel.remove(thing);
        scheduled.delete(thing);
        if (!add) continue;
        wheel.add(thing, deadline);
        scheduled.add(thing);
      }
      expect(collect(wheel, 6000)).toEqual([...scheduled].sort((a, b) => a - b));
      expect(collect(wheel, 12_000)).toEqual([]);
      expect(wheel.waitMs(12_000)).toBe(1000);
    }),
  );
});

test('a deadline beyond one turn of the wheel comes by early, and can be put back', () => {
  const wheel = new TimingWheel(1, 0);
  const deadline = 2 * 60 * 60 * 1000;
  wheel.add(0, deadline);
  let fired = 0;
  for (let now = 0; now <= deadline + TICK_MS; now += 60_000) {
    wheel.advance(now, (thing) => {
      if (now >= deadline) fired++;
      else wheel.add(thing, deadline);
    });
  }
  wheel.advance(deadline + 2 * TICK_MS, () => fired++);
  expect(fired).toBe(1);
});

test('a callback may remove another thing that is due in the same tick', () => {
  const wheel = new TimingWheel(2, 0);
  wheel.add(0, 100);
  wheel.add(1, 100);
  const due: number[] = [];
  wheel.advance(1000, (thing) => {
    due.push(thing);
    wheel.remove(1 - thing);
  });
  expect(due).toHaveLength(1);
});

test('after a long sleep with nothing to do it does not walk the ticks it slept through', () => {
  const wheel = new TimingWheel(1, 0);
  const later = 365 * 24 * 60 * 60 * 1000;
  expect(collect(wheel, later)).toEqual([]);
  wheel.add(0, later + 100);
  expect(wheel.waitMs(later)).toBeLessThanOrEqual(100 + TICK_MS);
  expect(collect(wheel, later + 100 + TICK_MS)).toEqual([0]);
});

test('how long to wait: until the next thing, and never more than a second', () => {
  const wheel = new TimingWheel(1, 0);
  expect(wheel.waitMs(0)).toBe(1000);
  wheel.add(0, 10 * 60_000);
  expect(wheel.waitMs(0)).toBe(1000);
  wheel.remove(0);
  wheel.add(0, 200);
  expect(wheel.waitMs(0)).toBe(200);
  expect(wheel.waitMs(190)).toBe(10);
  expect(wheel.waitMs(500)).toBe(0);
});

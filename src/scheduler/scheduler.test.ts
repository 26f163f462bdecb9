import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCHEDULERS, type SchedulerName } from './names.ts';
import { SCHEDULER, type ServerSet } from './scheduler.ts';

const names = Object.keys(SCHEDULERS) as SchedulerName[];

function makeSet(weights: readonly number[], usable: readonly boolean[] = weights.map(() => true)) {
  const count = weights.length;
  const set = {
    count,
    cursor: 0,
    selectable: Int32Array.from(usable, Number),
    weight: Int32Array.from(weights),
    active: new Int32Array(count),
    current: new Int32Array(count),
  };
  return set satisfies ServerSet;
}

/** Chooses as the data plane does: count the connection, move the cursor. */
function choose(name: SchedulerName, set: ReturnType<typeof makeSet>, excluded = -1): number {
  const at = SCHEDULER[name](set, excluded);
  if (at >= 0) {
    set.active[at]! += 1;
    set.cursor = at + 1;
  }
  return at;
}

function tally(name: SchedulerName, set: ReturnType<typeof makeSet>, times: number): number[] {
  const chosen = set.active.map(() => 0);
  for (let i = 0; i < times; i++) chosen[choose(name, set)]! += 1;
  return [...chosen];
}

describe.each(names)('every scheduler: %s', (name) => {
  const arbitrarySet = fc.array(fc.tuple(fc.integer({ min: 1, max: 65535 }), fc.boolean(), fc.nat(5000)), {
    minLength: 1,
    maxLength: 20,
  });

  test('chooses a selectable server that is not excluded, or -1 when there is none', () => {
    fc.assert(
      fc.property(arbitrarySet, fc.integer({ min: -1, max: 19 }), fc.nat(40), (servers, excluded, cursor) => {
        const set = makeSet(
          servers.map(([w]) => w),
          servers.map(([, usable]) => usable),
        );
        set.active.set(servers.map(([, , active]) => active));
        set.cursor = cursor;
        const allowed = servers.flatMap(([, usable], i) => (usable && i !== excluded ? [i] : []));
        const at = SCHEDULER[name](set, excluded);
        return allowed.length === 0 ? at === -1 : allowed.includes(at);
      }),
    );
  });

  test('an empty set gives -1', () => {
    expect(SCHEDULER[name](makeSet([]), -1)).toBe(-1);
  });

  test('equal weights and no load: strict rotation', () => {
    const set = makeSet([1, 1, 1]);
    const order = Array.from({ length: 9 }, () => {
      const at = choose(name, set);
      set.active[at]! -= 1; // the connection has ended before the next one comes
      return at;
    });
    expect(order).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  test('two servers alternate even while the previous connection still counts', () => {
    const set = makeSet([1, 1]);
    const order = Array.from({ length: 6 }, () => choose(name, set));
    expect(order).toEqual([0, 1, 0, 1, 0, 1]);
  });
});

describe.each(['wlc', 'wrr'] as const)('weighted: %s', (name) => {
  test('600 held connections to weights 1:2:3 are exactly 100/200/300, from every start of the rotation', () => {
    for (const cursor of [0, 1, 2]) {
      const set = makeSet([1, 2, 3]);
      set.cursor = cursor;
      expect(tally(name, set, 600)).toEqual([100, 200, 300]);
    }
  });

  test('any weights: a multiple of their sum divides exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }),
        fc.nat(7),
        (weights, c) => {
          const set = makeSet(weights);
          set.cursor = c;
          const sum = weights.reduce((a, b) => a + b);
          expect(tally(name, set, 3 * sum)).toEqual(weights.map((w) => 3 * w));
        },
      ),
    );
  });
});

test('wlc takes the least active ÷ weight without rounding', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 65535 }), fc.nat(2 ** 31 - 1)), {
        minLength: 1,
        maxLength: 10,
      }),
      (servers) => {
        const set = makeSet(servers.map(([w]) => w));
        set.active.set(servers.map(([, a]) => a));
        const [w, a] = servers[SCHEDULER.wlc(set, -1)]!;
        return servers.every(([weight, active]) => BigInt(a) * BigInt(weight) <= BigInt(active) * BigInt(w));
      },
    ),
  );
});

test('lc ignores weights; rr ignores both', () => {
  expect(tally('lc', makeSet([1, 9]), 10)).toEqual([5, 5]);
  const loaded = makeSet([1, 9]);
  loaded.active.set([7, 0]);
  expect(tally('rr', loaded, 10)).toEqual([5, 5]);
});

test('a server that comes back empty under wlc is filled until it is level again, not beyond', () => {
  const set = makeSet([1, 1], [true, false]);
  tally('wlc', set, 10);
  set.selectable[1] = 1;
  expect(tally('wlc', set, 10)).toEqual([0, 10]);
  expect(tally('wlc', set, 2)).toEqual([1, 1]);
});

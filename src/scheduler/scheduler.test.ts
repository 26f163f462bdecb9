import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientHash, serverIdentity } from './identity.ts';
import { maglevTable } from './maglev.ts';
import { HASHING, SCHEDULERS, type SchedulerName } from './names.ts';
import { SCHEDULER, type ServerSet } from './scheduler.ts';

const names = Object.keys(SCHEDULERS) as SchedulerName[];
const balancing = names.filter((name) => !HASHING.has(name));
const hashing = [...HASHING];

function makeSet(weights: readonly number[], usable: readonly boolean[] = weights.map(() => true)) {
  const count = weights.length;
  const servers = weights.map((weight, position) => ({ position, weight, identity: identityOf(position) }));
  const set = {
    count,
    cursor: 0,
    selectable: Int32Array.from(usable, Number),
    weight: Int32Array.from(weights),
    active: new Int32Array(count),
    current: new Int32Array(count),
    identity: Int32Array.from(servers, (s) => s.identity),
    client: 0,
    maglev: maglevTable(servers),
  };
  return set satisfies ServerSet;
}

/** As for servers at 10.0.0.41 and so on. */
function identityOf(position: number): number {
  return serverIdentity(Int32Array.of(0, 0, -65536, position * 2 ** 24 + 0x29_00_00_0a));
}

const CLIENTS = 20_000;

/** Which server each of many clients gets. */
function choices(name: SchedulerName, set: ReturnType<typeof makeSet>, clients = CLIENTS): number[] {
  return Array.from({ length: clients }, (_, i) => {
    set.client = clientHash(Int32Array.of(0, 0, -65536, i * 40_503));
    return choose(name, set);
  });
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
        set.client = cursor * 97;
        const allowed = servers.flatMap(([, usable], i) => (usable && i !== excluded ? [i] : []));
        const at = SCHEDULER[name](set, excluded);
        return allowed.length === 0 ? at === -1 : allowed.includes(at);
      }),
    );
  });

  test('an empty set gives -1', () => {
    expect(SCHEDULER[name](makeSet([]), -1)).toBe(-1);
  });
});

describe.each(balancing)('every scheduler that balances: %s', (name) => {
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

describe.each(hashing)('every scheduler that hashes: %s', (name) => {
  const equal = [1, 1, 1, 1, 1];

  test('a client gets the same server again, whatever the load and the rotation', () => {
    const set = makeSet([1, 2, 3]);
    const first = choices(name, set, 500);
    set.cursor = 2;
    expect(choices(name, set, 500)).toEqual(first);
  });

  test('the share of clients is the share of the weight, to within 10 per cent of it', () => {
    const weights = [1, 2, 3, 4, 10];
    const chosen = choices(name, makeSet(weights));
    weights.forEach((weight, at) => {
      const wanted = (CLIENTS * weight) / 20;
      const got = chosen.filter((c) => c === at).length;
      expect(Math.abs(got - wanted)).toBeLessThan(0.1 * wanted);
    });
  });

  test('a server that goes down gives its clients to the others evenly, moves nobody else, and gets them back', () => {
    const set = makeSet(equal);
    const before = choices(name, set);
    set.selectable[2] = 0;
    const during = choices(name, set);
    const own = before.flatMap((at, i) => (at === 2 ? [i] : []));
    expect(before.filter((at, i) => at !== during[i])).toHaveLength(own.length);
    for (const other of [0, 1, 3, 4]) {
      const taken = own.filter((i) => during[i] === other).length;
      expect(Math.abs(taken - own.length / 4)).toBeLessThan(0.15 * own.length);
    }
    set.selectable[2] = 1;
    expect(choices(name, set)).toEqual(before);
  });

  test('a server that leaves for good moves less than 2/n of the clients', () => {
    const before = choices(name, makeSet(equal));
    const after = choices(name, makeSet([1, 1, 1, 1]));
    const moved = before.filter((at, i) => at !== after[i]).length;
    expect(moved / CLIENTS).toBeLessThan(2 / 5);
    const others = before.filter((at, i) => at !== 4 && at !== after[i]).length;
    expect(others / CLIENTS).toBeLessThan(0.05);
  });

  test('an excluded server: its clients get the one that they would get if it were down', () => {
    const set = makeSet(equal);
    set.selectable[1] = 0;
    const without = choices(name, set, 2000);
    set.selectable[1] = 1;
    const excluding = without.map((_, i) => {
      set.client = clientHash(Int32Array.of(0, 0, -65536, i * 40_503));
      return SCHEDULER[name](set, 1);
    });
    expect(excluding).toEqual(without);
  });
});

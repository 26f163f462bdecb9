import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressTable, createAddressTable, NO_ENTRY } from './address-table.ts';

const CAPACITY = 5;
const CLIENTS = Array.from({ length: 10 }, (_, n) => n);
const address = (n: number) => Int32Array.of(0, 0, -65536, n);
const makeTable = (capacity = CAPACITY) => new AddressTable(createAddressTable(capacity), capacity);

/** The same in plain words: an array of entries, those that nobody holds in the order of their last use. */
class Model {
  readonly held = new Map<number, number>();
  unheld: { address: number; since: number }[] = [];

  has(n: number) {
    return this.held.has(n) || this.unheld.some((e) => e.address === n);
  }

  insert(n: number, now: number): boolean {
    if (this.held.size === CAPACITY) return false;
    if (this.held.size + this.unheld.length === CAPACITY) this.unheld.shift();
    this.unheld.push({ address: n, since: now });
    return true;
  }

  hold(n: number) {
    this.unheld = this.unheld.filter((e) => e.address !== n);
    this.held.set(n, (this.held.get(n) ?? 0) + 1);
  }

  release(n: number, now: number) {
    const left = this.held.get(n)! - 1;
    if (left > 0) this.held.set(n, left);
    else {
      this.held.delete(n);
      this.unheld.push({ address: n, since: now });
    }
  }

  expire(before: number) {
    this.unheld = this.unheld.filter((e) => e.since > before);
  }
}

const step = fc.record({
  op: fc.constantFrom('hold', 'release', 'expire'),
  who: fc.nat(9),
  after: fc.nat(3),
});

test('does what a simple model does, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const [table, model] = [makeTable(), new Model()];
      let now = 0;
      for (const { op, who, after } of steps) {
        now += after;
        if (op === 'hold') holdIn(table, model, who, now);
        else if (op === 'release' && model.held.has(who)) {
          model.release(who, now);
          table.release(table.find(address(who)), now);
        } else if (op === 'expire') {
          model.expire(now - 4);
          table.expire(now - 4, CAPACITY);
        }
        expect(contentOf(table)).toEqual(contentOfModel(model));
        expect(table.size).toBe(model.held.size + model.unheld.length);
      }
    }),
    { numRuns: 300 },
  );
});

/** Holds the client's entry, a new one if need be and there is room; both say alike whether there is. */
function holdIn(table: AddressTable, model: Model, who: number, now: number): void {
  const known = model.has(who);
  const room = known || model.insert(who, now);
  const entry = known ? table.find(address(who)) : table.insert(address(who), now);
  expect(entry !== NO_ENTRY).toBe(room);
  if (!room) return;
  model.hold(who);
  table.hold(entry);
  table.value[entry] = who;
}

/** Of every address: whether it is in the table, by how many it is held, and what is kept for it. */
function contentOf(table: AddressTable) {
  return CLIENTS.map((n) => {
    const entry = table.find(address(n));
    return entry === NO_ENTRY ? null : { holders: table.holdersOf(entry), value: table.value[entry] };
  });
}

function contentOfModel(model: Model) {
  return CLIENTS.map((n) => (model.has(n) ? { holders: model.held.get(n) ?? 0, value: n } : null));
}

test('IPv4 and IPv6 addresses that differ in any one word are different', () => {
  const table = makeTable(100);
  const addresses = [0, 1, 2, 3].flatMap((word) =>
    [1, -1, 1 << 31].map((value) => Int32Array.of(0, 0, -65536, 0x0100007f).with(word, value)),
  );
  const entries = addresses.map((a) => table.insert(a, 0));
  expect(new Set(entries).size).toBe(addresses.length);
  expect(addresses.map((a) => table.find(a))).toEqual(entries);
});

test('a full table of held entries takes nobody; of the others the one unused for longest goes', () => {
  const table = makeTable(3);
  const entries = [1, 2, 3].map((n) => table.insert(address(n), n));
  for (const entry of entries) table.hold(entry);
  expect(table.insert(address(4), 4)).toBe(NO_ENTRY);
  table.release(entries[1]!, 5);
  table.release(entries[0]!, 6);
  expect(table.insert(address(4), 7)).not.toBe(NO_ENTRY);
  expect([1, 2, 3, 4].map((n) => table.find(address(n)) !== NO_ENTRY)).toEqual([true, false, true, true]);
  expect([table.evicted, table.turnedAway]).toEqual([1, 1]);
});

test('a hundred thousand addresses of one network stand in short chains, in an order that differs every time', () => {
  const count = 100_000;
  const [table, other] = [makeTable(count), makeTable(count)];
  for (let n = 0; n < count; n++) expect(table.insert(address(n), 0)).toBe(n + 1);
  const started = performance.now();
  for (let n = 0; n < count; n++) table.find(address(n));
  // A chain of all of them would take minutes.
  expect(performance.now() - started).toBeLessThan(2000);
  other.insert(address(1), 0);
  const seeds = [table, other].map((t) => (t as unknown as { header: Float64Array }).header[7]);
  expect(seeds[0]).not.toBe(seeds[1]);
});

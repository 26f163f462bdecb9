import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FlowTable, KEY_PORT_WORD, KEY_WORDS } from './flows.ts';
import { encodeSockaddr } from '../sockaddr.ts';

const NO_SECRET = new Int32Array(2);

function keyOf(address: string, port: number, vipPort: number): Int32Array {
  const key = new Int32Array(KEY_WORDS);
  const sockaddr = encodeSockaddr(address, port);
  new Uint8Array(key.buffer).set(sockaddr);
  key[KEY_PORT_WORD] = vipPort;
  return key;
}

/** Few enough that steps meet, with neighbours that differ in one part only. */
const key = fc
  .record({
    address: fc.constantFrom('192.0.2.1', '192.0.2.2', '::ffff:192.0.2.1', '2001:db8::1', '2001:db8::2'),
    port: fc.constantFrom(1, 256, 65_535),
    vipPort: fc.constantFrom(0, 1),
  })
  .map(({ address, port, vipPort }) => ({
    name: `${address} ${port} ${vipPort}`,
    key: keyOf(address, port, vipPort),
  }));

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('open' as const), at: key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), at: key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('turn' as const), at: key }) },
);

/** What the table should do, by a Map; every answer of the table is compared with it. */
class Model {
  readonly table: FlowTable;
  private readonly flows = new Map<string, number>();
  private readonly retired = new Set<number>();

  constructor(capacity: number) {
    this.table = new FlowTable(capacity, NO_SECRET);
  }

  take({ do: what, at }: { do: 'open' | 'end' | 'turn'; at: { name: string; key: Int32Array } }): void {
    const known = this.flows.get(at.name);
    assert.equal(this.table.find(at.key), known ?? -1);
    if (what === 'turn') {
      this.table.releaseRetired();
      this.retired.clear();
    } else if (what === 'end' && known !== undefined) {
      this.table.retire(known);
      this.flows.delete(at.name);
      this.retired.add(known);
    } else if (what === 'open' && known === undefined) this.open(at.name, at.key);
  }

  private open(flow: string, itsKey: Int32Array): void {
    const { table, flows, retired } = this;
    const taken = [...flows.values(), ...retired];
    const slot = table.add(itsKey);
    assert.equal(slot >= 0, taken.length < table.capacity);
    if (slot < 0) return;
    assert.ok(!taken.includes(slot));
    assert.equal(table.port(slot), itsKey[KEY_PORT_WORD]);
    flows.set(flow, slot);
  }

  compare(): void {
    const seen: number[] = [];
    this.table.forEach((slot) => seen.push(slot));
    assert.deepEqual(new Set(seen), new Set(this.flows.values()));
    assert.equal(seen.length, this.flows.size);
    assert.equal(this.table.count, this.flows.size);
  }
}

test('the table does what a Map does, and gives no slot out twice within a turn', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 120 }), (capacity, steps) => {
      const model = new Model(capacity);
      for (const one of steps) {
        model.take(one);
        model.compare();
      }
    }),
    { numRuns: 500 },
  );
});

test('a full table that empties is as good as new, over and over', () => {
  const table = new FlowTable(1000);
  for (let round = 0; round < 20; round++) {
    const keys = Array.from({ length: 1001 }, (_, i) => keyOf('198.51.100.7', i + 1, round));
    const slots = keys.map((one) => table.add(one));
    expect(slots.pop()).toBe(-1);
    expect(new Set(slots).size).toBe(1000);
    keys.pop();
    expect(keys.map((one) => table.find(one))).toEqual(slots);
    // Out of order, so that lists lose their first, middle and last.
    for (const slot of slots.toSorted((a, b) => (a % 7) - (b % 7))) table.retire(slot);
    table.releaseRetired();
    expect([table.count, table.used]).toEqual([0, 1000]);
    expect(keys.some((one) => table.find(one) >= 0)).toBe(false);
  }
});

test('a slot that is used again has another generation and no bytes', () => {
  const table = new FlowTable(1);
  const slot = table.add(keyOf('192.0.2.1', 1, 0));
  const before = table.generation[slot];
  table.bytesIn[slot] = 5;
  table.retire(slot);
  expect(table.add(keyOf('192.0.2.1', 2, 0))).toBe(-1);
  table.releaseRetired();
  expect(table.add(keyOf('192.0.2.1', 2, 0))).toBe(slot);
  expect([table.bytesIn[slot], table.generation[slot]]).toEqual([0, (before ?? 0) + 1]);
});

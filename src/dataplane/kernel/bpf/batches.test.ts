import { afterEach, describe, expect, test } from 'vitest';
import type { Batch } from './batches.ts';
import { reasonNotToRun, TestBalancer } from './test-balancer.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, tables read in batches: ${reason}\n`);

/** More than two batches hold. */
const OPEN = 10_000;

let balancer: TestBalancer;
afterEach(() => balancer?.close());

function start(): TestBalancer['program']['maps']['connections'] {
  balancer = new TestBalancer([{}], {}, { connections: 2 * OPEN });
  for (let port = 1; port <= OPEN; port++) balancer.open(port);
  return balancer.program.maps.connections;
}

function portsOf({ keys, count }: Batch, keySize: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(keys.buffer, i * keySize, keySize).toString('hex'),
  );
}

describe.runIf(reason === null)('a table read in batches', () => {
  test('each entry comes once, also when two look at once', () => {
    const table = start();
    const [one, other] = [new Set<string>(), new Set<string>()];
    const second = table.batches();
    for (const batch of table.batches()) {
      for (const key of portsOf(batch, table.key.size)) one.add(key);
      const { value } = second.next();
      if (value) for (const key of portsOf(value, table.key.size)) other.add(key);
    }
    for (const batch of second) for (const key of portsOf(batch, table.key.size)) other.add(key);
    expect(one.size).toBe(OPEN);
    expect(other).toEqual(one);
  });

  test('every look is in the memory of the one before, also of one that was left early', () => {
    const table = start();
    const rooms = new Set<ArrayBuffer>();
    for (const { keys } of table.batches()) rooms.add(keys.buffer);
    for (const { keys } of table.batches()) {
      rooms.add(keys.buffer);
      break;
    }
    for (const { values } of table.batches()) rooms.add(values.buffer);
    expect(rooms.size).toBe(2);
  });
});

import { expect, test } from 'vitest';
import type { PlaneServiceSettings } from '../../dataplane.ts';
import { PLAIN_SERVICE } from '../../plain.ts';
import { addressTableBytes } from './address-table.ts';
import { guardTables, refuseIfTooMuchMemory } from './tables.ts';

const GIB = 2 ** 30;
const plain: PlaneServiceSettings = {
  pool: 'p',
  scheduler: 'wlc',
  redispatch: true,
  connectTimeoutMs: 1,
  idleTimeoutMs: 1,
  udpIdleMs: 1,
  snat: null,
  ...PLAIN_SERVICE,
};
const persistent = (persistenceEntries: number) => ({ ...plain, persistenceEntries });

test('a service that asks for nothing has no tables', () => {
  expect(guardTables(null, plain)).toBeNull();
});

test('tables stay while their own settings do, and the epoch with them', () => {
  const first = guardTables(null, { ...persistent(100), connectionsPerSource: 5 })!;
  const other = guardTables(first, {
    ...persistent(100),
    persistenceTimeoutMs: 9,
    idleTimeoutMs: 9,
    connectionsPerSource: 6,
    maxConnections: 7,
  })!;
  expect(other).toEqual(first);
  expect(other.persistence).toBe(first.persistence);
  const larger = guardTables(first, { ...persistent(200), newConnectionsPerSecondPerSource: 1 })!;
  expect(larger.persistence).not.toBe(first.persistence);
  expect(larger.sources).toBe(first.sources);
  expect(larger.epoch).not.toBe(first.epoch);
  expect(guardTables(first, persistent(100))).toMatchObject({ sources: null });
});

const refuse = (others: PlaneServiceSettings[], memory: number) =>
  refuseIfTooMuchMemory('ocs', persistent(10_000_000), others, memory);

test('ten million entries take half a gigabyte; what is more than half of the memory is refused with the arithmetic', () => {
  expect(addressTableBytes(10_000_000) / GIB).toBeCloseTo(0.51, 2);
  expect(() => refuse([], 1.1 * GIB)).not.toThrow();
  expect(() => refuse([], GIB)).toThrow(
    'virtual service ocs needs 522 MB (10000000 persistence entries of 55 bytes); ' +
      "with 0 MB of the other services that is more than half of this machine's 1024 MB",
  );
  expect(() => refuse([persistent(1_000_000)], 1.1 * GIB)).toThrow('with 50 MB of the other services');
});

test('a service without tables is not refused for what others take', () => {
  expect(() => refuseIfTooMuchMemory('ocs', plain, [persistent(10_000_000)], 1)).not.toThrow();
});

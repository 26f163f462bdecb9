import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Candidate, MAGLEV_SIZE, maglevTable, NOBODY } from './maglev.ts';

const servers = (weights: readonly number[]): Candidate[] =>
  weights.map((weight, position) => ({ position, weight, identity: Math.imul(position + 1, 0x9e3779b1) }));

function shares(table: Uint8Array, count: number): number[] {
  const places = Array.from({ length: count }, () => 0);
  for (const position of table) places[position]! += 1;
  return places;
}

test('no server: nobody everywhere', () => {
  expect(maglevTable([]).every((position) => position === NOBODY)).toBe(true);
});

test('any weights: shares to within one per cent or one place, and a place at least', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 12 }), (weights) => {
      const sum = weights.reduce((a, b) => a + b);
      shares(maglevTable(servers(weights)), weights.length).forEach((places, i) => {
        const wanted = (MAGLEV_SIZE * weights[i]!) / sum;
        expect(places).toBeGreaterThan(0);
        expect(Math.abs(places - wanted)).toBeLessThanOrEqual(Math.max(1.01, wanted / 100));
      });
    }),
    { numRuns: 25 },
  );
});

test('63 equal servers, the most of a pool: shares to within one place', () => {
  const places = shares(maglevTable(servers(Array.from({ length: 63 }, () => 7))), 63);
  expect(Math.max(...places) - Math.min(...places)).toBeLessThanOrEqual(1);
});

test('the order in which servers are given makes no difference', () => {
  const some = servers([3, 1, 4, 1, 5]);
  expect(maglevTable(some.toReversed())).toEqual(maglevTable(some));
});

test('of n servers one leaves: close to 1/n of the places change, and its own go to all others evenly', () => {
  for (const n of [3, 5, 10, 20]) {
    const all = servers(Array.from({ length: n }, () => 1));
    const before = maglevTable(all);
    const after = maglevTable(all.slice(1));
    const changed = before.filter((position, i) => position !== after[i]).length;
    expect(changed / MAGLEV_SIZE).toBeGreaterThanOrEqual(0.99 / n);
    expect(changed / MAGLEV_SIZE).toBeLessThan(1.35 / n);
    const own = [...before].flatMap((position, i) => (position === 0 ? [after[i]!] : []));
    const heirs = shares(Uint8Array.from(own), n);
    for (const heir of heirs.slice(1)) {
      expect(Math.abs(heir - own.length / (n - 1))).toBeLessThan(0.15 * (own.length / (n - 1)) + 10);
    }
  }
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DesiredState, PlanePool } from '../../dataplane.ts';
import { PLAIN_SERVER } from '../../plain.ts';
import { assign, NO_NUMBERS, type Numbers, type Wanted } from './numbers.ts';

const NOTHING: Wanted = { targets: [], sources: [], ranges: [] };

function pool(name: string, servers: Record<string, string>): PlanePool {
  const all = Object.entries(servers).map(([server, address]) => ({
    ...PLAIN_SERVER,
    name: server,
    address,
    weight: 1,
    selectable: true,
  }));
  return { name, servers: all, fallback: null };
}

const state = (...pools: PlanePool[]): DesiredState => ({ pools, services: [] });

function many(count: number): PlanePool {
  return pool('p', Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i}`, `10.0.0.${i + 1}`])));
}

function placeOf(numbers: Numbers, server: string) {
  return numbers.pools.get('p')?.servers.get(server);
}

describe('numbers of servers', () => {
  test('what stays keeps its number, whatever comes and goes beside it', () => {
    const one = assign(NO_NUMBERS, state(pool('p', { a: '10.0.0.1', b: '10.0.0.2' })), NOTHING);
    const two = assign(one, state(pool('p', { c: '10.0.0.3', b: '10.0.0.2' })), NOTHING);
    expect(placeOf(two, 'b')).toEqual(placeOf(one, 'b'));
    // The place of `a` was freed in this very step, so it is nobody's yet.
    expect(placeOf(two, 'c')?.position).toBe(2);
    const three = assign(two, state(pool('p', { c: '10.0.0.3', d: '10.0.0.4' })), NOTHING);
    expect(placeOf(three, 'd')?.position).toBe(0);
    expect(placeOf(three, 'd')?.generation).not.toBe(placeOf(one, 'a')?.generation);
  });

  test('a server that moved to another address is another server', () => {
    const one = assign(NO_NUMBERS, state(pool('p', { a: '10.0.0.1' })), NOTHING);
    const two = assign(one, state(pool('p', { a: '10.0.0.9' })), NOTHING);
    expect(placeOf(two, 'a')?.generation).toBeGreaterThan(placeOf(one, 'a')?.generation ?? 0);
    expect(placeOf(two, 'a')?.position).not.toBe(placeOf(one, 'a')?.position);
  });

  test('63 servers fit, and the 64th is refused with the number', () => {
    const full = assign(NO_NUMBERS, state(many(63)), NOTHING);
    expect(new Set([...(full.pools.get('p')?.servers.values() ?? [])].map((s) => s.position)).size).toBe(63);
    expect(() => assign(NO_NUMBERS, state(many(64)), NOTHING)).toThrow(/at most 63 servers in pool p/);
  });
});

test('numbers that marks carry go round: one that was freed comes back last', () => {
  let numbers = assign(NO_NUMBERS, state(), { ...NOTHING, sources: ['a'] });
  expect(numbers.sources.of.get('a')).toBe(1);
  for (let i = 2; i <= 254; i++) {
    numbers = assign(numbers, state(), { ...NOTHING, sources: [`x${i}`] });
    expect(numbers.sources.of.get(`x${i}`)).toBe(i);
  }
  numbers = assign(numbers, state(), { ...NOTHING, sources: ['b'] });
  expect(numbers.sources.of.get('b')).toBe(1);
  const tooMany = Array.from({ length: 255 }, (_, i) => `s${i}`);
  expect(() => assign(NO_NUMBERS, state(), { ...NOTHING, sources: tooMany })).toThrow(/at most 254 SNAT/);
});

test('through any changes: no two have one number, and none has one that the step before still used', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(names, { minLength: 2, maxLength: 12 }), (steps) => {
      let before = NO_NUMBERS;
      for (const step of steps) {
        const servers = Object.fromEntries(
          step.map((name, i) => [name, `10.0.${name.charCodeAt(0)}.${i % 2}`]),
        );
        const after = assign(before, state(pool('p', servers)), { ...NOTHING, targets: step });
        const now = [...(after.pools.get('p')?.servers.values() ?? [])];
        const old = [...(before.pools.get('p')?.servers.values() ?? [])];
        expect(new Set(now.map((s) => s.position)).size).toBe(step.length);
        for (const one of now) {
          const other = old.find((s) => s.position === one.position);
          expect(other === undefined || other.generation === one.generation).toBe(true);
        }
        const targets = [...after.targets.of];
        expect(new Set(targets.map(([, number]) => number)).size).toBe(step.length);
        for (const [name, number] of targets) {
          const had = [...before.targets.of].find(([, other]) => other === number);
          expect(had === undefined || had[0] === name).toBe(true);
        }
        before = after;
      }
    }),
  );
});

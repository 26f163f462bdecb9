import { expect, test } from 'vitest';
import { createAddressTable } from './address-table.ts';
import { Chooser, release } from '../chooser.ts';
import { addressWords } from './client-address.ts';
import { Guard, type GuardNumbers } from './guard.ts';
import { Holds } from './holds.ts';
import { AT_SERVICE_LIMIT, AT_SOURCE_LIMIT, AT_SOURCE_RATE, NO_SERVER } from '../refusals.ts';
import { FALLBACK_POSITION, serverId, shareState } from '../common-state.ts';
import { SOURCES } from './source-limits.ts';

const POOL = 2;
const SERVICE = 1;
const server = (position: number) => serverId(POOL, position);

/** A service by rr in front of servers a, b, c. */
function makeService(numbers: Partial<GuardNumbers>, servers = 3) {
  const shared = shareState(1);
  for (let i = 0; i < servers; i++) {
    shared.weight[server(i)] = 1;
    shared.selectable[server(i)] = 1;
  }
  shared.count[POOL] = servers;
  let now = 0;
  const all: GuardNumbers = { epoch: 1, maxConnections: 0, persistence: null, sources: null, ...numbers };
  const guard = new Guard(shared, SERVICE, all, () => now);
  const chooser = new Chooser(shared, SERVICE, { pool: POOL, scheduler: 'rr' }, guard);
  const holds = new Holds(1000);
  const chosen: number[] = [];
  return {
    shared,
    guard,
    holds,
    advance: (ms: number) => (now += ms),
    /** The place of the connection, or a refusal. */
    open(client: string) {
      const slot = chosen.length;
      const id = chooser.choose(addressWords(client), -1, holds, slot);
      chosen.push(id);
      return id < 0 ? id : slot;
    },
    server: (slot: number) => chosen[slot]! - server(0),
    redispatch(client: string, slot: number) {
      release(shared, chosen[slot]!);
      chosen[slot] = chooser.choose(addressWords(client), chosen[slot]!, holds, slot);
      return chosen[slot]! - server(0);
    },
    close(slot: number) {
      release(shared, chosen[slot]!);
      if (holds.held[slot] !== 0) guard.letGo(holds, slot);
    },
  };
}

const persistence = (maxEntries: number, timeoutMs = 1000) => ({
  buffer: createAddressTable(maxEntries),
  maxEntries,
  timeoutMs,
});
const sources = (connections: number, perSecond = 0) => ({
  buffer: createAddressTable(SOURCES),
  connections,
  perSecond,
});

test('a client comes back to its server while it has connections and for the timeout after, not later', () => {
  const s = makeService({ persistence: persistence(10) });
  const first = s.open('10.0.0.1');
  expect(s.server(first)).toBe(0);
  s.advance(60_000);
  const second = s.open('10.0.0.1');
  expect([s.server(second), s.server(s.open('10.0.0.2'))]).toEqual([0, 1]);
  s.close(first);
  s.close(second);
  s.advance(999);
  const third = s.open('10.0.0.1');
  expect(s.server(third)).toBe(0);
  s.close(third);
  s.advance(1000);
  expect(s.server(s.open('10.0.0.1'))).toBe(2);
});

test('a full table: the client that has been away for longest is forgotten; when none is away, a new one is not kept', () => {
  const s = makeService({ persistence: persistence(2) });
  const [one, two] = [s.open('10.0.0.1'), s.open('10.0.0.2')];
  const three = [s.open('10.0.0.3'), s.open('10.0.0.3')];
  // The third client is served, and by whom it happens to be.
  expect(three.map((slot) => s.server(slot))).toEqual([2, 0]);
  s.close(two);
  s.close(one);
  const four = s.open('10.0.0.4');
  expect(s.server(four)).toBe(1);
  expect([s.server(s.open('10.0.0.1')), s.server(s.open('10.0.0.4'))]).toEqual([0, 1]);
  for (const slot of [...three, four]) s.close(slot);
});

test('an entry to a server that is not usable is replaced at once; one to a full server stays', () => {
  const s = makeService({ persistence: persistence(10) });
  expect(s.server(s.open('10.0.0.1'))).toBe(0);
  s.shared.limited[POOL] = 1;
  s.shared.maxConnections[server(0)] = 1;
  expect(s.server(s.open('10.0.0.1'))).toBe(1);
  s.shared.maxConnections[server(0)] = 0;
  expect(s.server(s.open('10.0.0.1'))).toBe(0);
  s.shared.selectable[server(0)] = 0;
  expect(s.server(s.open('10.0.0.1'))).toBe(2);
  s.shared.selectable[server(0)] = 1;
  expect(s.server(s.open('10.0.0.1'))).toBe(2);
});

test('a server that drains and keeps its clients gets them, and nobody else', () => {
  const s = makeService({ persistence: persistence(10) }, 2);
  expect(s.server(s.open('10.0.0.1'))).toBe(0);
  s.shared.selectable[server(0)] = 2;
  expect(s.server(s.open('10.0.0.1'))).toBe(0);
  expect([s.server(s.open('10.0.0.2')), s.server(s.open('10.0.0.3'))]).toEqual([1, 1]);
});

test('a number that is given to another server is not the server that the client knew', () => {
  const s = makeService({ persistence: persistence(10) });
  s.open('10.0.0.1');
  s.shared.generation[server(0)]! += 1;
  expect(s.server(s.open('10.0.0.1'))).toBe(1);
});

test('a client of the fallback is not bound to it', () => {
  const s = makeService({ persistence: persistence(10) }, 1);
  s.open('10.0.0.1');
  s.shared.selectable[server(0)] = 0;
  expect(s.open('10.0.0.1')).toBe(NO_SERVER);
  s.shared.selectable[server(FALLBACK_POSITION)] = 1;
  expect(s.server(s.open('10.0.0.1'))).toBe(FALLBACK_POSITION);
  s.shared.selectable[server(0)] = 1;
  expect(s.server(s.open('10.0.0.1'))).toBe(0);
});

test('a redispatch takes the entry along, and is counted once', () => {
  const s = makeService({ persistence: persistence(10), maxConnections: 2, sources: sources(2) });
  const slot = s.open('10.0.0.1');
  expect(s.redispatch('10.0.0.1', slot)).toBe(1);
  expect(s.server(s.open('10.0.0.1'))).toBe(1);
  expect(s.open('10.0.0.1')).toBe(AT_SERVICE_LIMIT);
  s.close(slot);
  expect(s.open('10.0.0.1')).toBeGreaterThan(0);
});

test('a service holds no more than it may, and as much again when some have gone', () => {
  const s = makeService({ maxConnections: 3 });
  const open = Array.from({ length: 3 }, (_, i) => s.open(`10.0.0.${i}`));
  expect(s.open('10.0.0.9')).toBe(AT_SERVICE_LIMIT);
  s.close(open[1]!);
  expect(s.open('10.0.0.9')).toBeGreaterThan(0);
  expect(s.open('10.0.0.9')).toBe(AT_SERVICE_LIMIT);
});

test('a source holds no more than it may; others are not concerned; of IPv6 the network of 64 bits is the source', () => {
  const s = makeService({ sources: sources(2) });
  const open = [s.open('10.0.0.1'), s.open('10.0.0.1')];
  expect(s.open('10.0.0.1')).toBe(AT_SOURCE_LIMIT);
  expect(s.open('10.0.0.2')).toBeGreaterThan(0);
  s.close(open[0]!);
  expect(s.open('10.0.0.1')).toBeGreaterThan(0);
  s.open('2001:db8::1');
  s.open('2001:db8::2');
  expect(s.open('2001:db8::3')).toBe(AT_SOURCE_LIMIT);
  expect(s.open('2001:db8:0:1::1')).toBeGreaterThan(0);
});

test('a source opens no more than the limit at once, and keeps to the pace after that', () => {
  const s = makeService({ sources: sources(0, 5) });
  const burst = (n: number) =>
    Array.from({ length: n }, () => s.open('10.0.0.1')).filter((r) => r >= 0).length;
  expect(burst(20)).toBe(5);
  expect(s.open('10.0.0.1')).toBe(AT_SOURCE_RATE);
  expect(s.open('10.0.0.2')).toBeGreaterThan(0);
  s.advance(199);
  expect(burst(3)).toBe(0);
  s.advance(1);
  expect(burst(3)).toBe(1);
  s.advance(1000);
  expect(burst(20)).toBe(5);
});

test('a refused choice leaves nothing behind', () => {
  const s = makeService({ persistence: persistence(1), maxConnections: 5, sources: sources(5) });
  for (let i = 0; i < 3; i++) s.shared.selectable[server(i)] = 0;
  for (let i = 0; i < 20; i++) expect(s.open(`10.0.0.${i}`)).toBe(NO_SERVER);
  expect(s.holds.held.every((held) => held === 0)).toBe(true);
  expect(s.shared.serviceHeld[SERVICE]).toBe(0);
});

test('connections that were open before the guard stood there count, and know their server', () => {
  const s = makeService({ persistence: persistence(10), maxConnections: 1, sources: sources(1) });
  s.guard.adopt(addressWords('10.0.0.1'), server(2), s.holds, 500);
  s.guard.adopt(addressWords('10.0.0.1'), server(0), s.holds, 501);
  expect(s.open('10.0.0.2')).toBe(AT_SERVICE_LIMIT);
  s.guard.letGo(s.holds, 500);
  s.guard.letGo(s.holds, 501);
  expect(s.server(s.open('10.0.0.1'))).toBe(2);
});

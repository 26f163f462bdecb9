import { expect, test, vi } from 'vitest';
import type { PortCounters } from '../dataplane.ts';
import type { Held, Rig, RigOptions } from './rig.ts';
import { addressOf, server } from './rig.ts';
import { serve } from './sockets.ts';
import { type Traits, turnedAway } from './traits.ts';

type MakeRig = (weights: readonly number[], options?: RigOptions) => Promise<Rig>;

const client = (n: number): string => `127.2.${n >> 8}.${(n & 255) + 1}`;

/** How many of them each server has, or each error. */
function tally(all: readonly Held[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of all) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

async function many(count: number, open: (i: number) => Promise<Held>): Promise<Held[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => open(i)));
}

async function letGo(r: Rig, all: readonly Held[]): Promise<void> {
  for (const { client: c } of all) c?.socket.destroy();
  await r.allZero();
}

function counted(r: Rig): PortCounters {
  return r.plane.counters().ports.find((p) => p.service === 's')!;
}

/** No more than the limits say, at any moment and over all workers. */
export function limitingContract(rig: MakeRig, traits: Traits): void {
  test('600 connections at once to servers that may hold 50, 100 and 150: exactly so many, the others are reset', async () => {
    const r = await rig([1, 1, 1]);
    await r.change({ a: { maxConnections: 50 }, b: { maxConnections: 100 }, c: { maxConnections: 150 } });
    for (let round = 1; round <= 2; round++) {
      const all = await many(600, () => r.hold());
      expect(tally(all)).toEqual({ a: 50, b: 100, c: 150, [turnedAway(traits)]: 300 });
      expect(counted(r)).toMatchObject({ active: 300, refused: 300 * round, atServerLimits: 300 * round });
      await letGo(r, all);
    }
  });

  test('at its limit a server is passed over for the next one by cost, then comes the fallback', async () => {
    const r = await rig([1, 1]);
    r.servers.set('z', await serve({ host: addressOf('z'), port: r.port, greeting: 'z' }));
    const fallback = { address: addressOf('z'), port: null };
    await r.apply({ ...r.state, pools: r.state.pools.map((p) => ({ ...p, fallback })) });
    await r.change({ a: { maxConnections: 2 }, b: { maxConnections: 3 } });
    const all = await many(9, () => r.hold());
    expect(tally(all)).toEqual({ a: 2, b: 3, z: 4 });
    expect(counted(r).atServerLimits).toBe(0);
    await letGo(r, all);
  });

  test('the limit of a server counts its connections of all services', async () => {
    const r = await rig([1]);
    const [service] = r.state.services;
    const second = { ...service!, name: 't', ports: [{ ...service!.ports[0]!, port: r.port + 50 }] };
    await r.apply({ ...r.state, services: [service!, second] });
    await r.change({ a: { maxConnections: 10 } });
    const all = await many(30, (i) => r.hold(undefined, r.port + (i % 2) * 50));
    expect(tally(all)).toEqual({ a: 10, [turnedAway(traits)]: 20 });
    await letGo(r, all);
  });

  test('a persistent client whose server is full is served by another one, and comes back when there is room', async () => {
    const r = await rig([1, 1], {
      settings: { scheduler: 'rr', persistenceEntries: 10, persistenceTimeoutMs: 60_000 },
    });
    const first = await r.hold(client(0));
    const own = first.name === 'a' ? 'a' : 'b';
    await r.change({ [own]: { maxConnections: 1 } });
    expect(await r.ask(client(0))).not.toBe(own);
    await letGo(r, [first]);
    expect(await r.ask(client(0))).toBe(own);
  });

  test('600 connections at once to a service that may hold 200: exactly so many', async () => {
    const r = await rig([1, 1], { settings: { maxConnections: 200 } });
    for (let round = 1; round <= 2; round++) {
      const all = await many(600, () => r.hold());
      expect(tally(all)).toEqual({ a: 100, b: 100, [turnedAway(traits)]: 400 });
      expect(counted(r)).toMatchObject({ active: 200, atServiceLimit: 400 * round });
      await letGo(r, all);
    }
  });

  test('600 connections at once of 6 sources that may hold 20 each: exactly so many of each', async () => {
    const r = await rig([1, 1], { settings: { connectionsPerSource: 20 } });
    const all = await many(600, (i) => r.hold(client(i % 6)));
    for (let n = 0; n < 6; n++) {
      const own = tally(all.filter((_, i) => i % 6 === n));
      expect(own).toEqual({ ...own, [turnedAway(traits)]: 80 });
    }
    expect(counted(r)).toMatchObject({ active: 120, refused: 480, atSourceLimit: 480 });
    expect((await r.hold(client(7))).name).toMatch(/^[ab]$/);
    await r.plane.reset({ service: 's' });
    await r.allZero();
    expect((await r.hold(client(0))).name).toMatch(/^[ab]$/);
  });

  test('a source that opens connections too fast is reset beyond its pace, whether they stay open or not; others are not', async () => {
    const r = await rig([1, 1], { settings: { newConnectionsPerSecondPerSource: 5 } });
    const started = performance.now();
    const burst = await many(50, () => r.hold(client(0)));
    const taken = burst.filter((h) => h.name !== turnedAway(traits)).length;
    // A full bucket, and what has come into it since.
    expect(taken).toBeGreaterThanOrEqual(5);
    expect(taken).toBeLessThanOrEqual(5 + Math.ceil(((performance.now() - started) / 1000) * 5));
    expect(counted(r).atSourceRate).toBe(50 - taken);
    expect((await r.hold(client(1))).name).toMatch(/^[ab]$/);
    await vi.waitUntil(async () => (await r.hold(client(0))).name !== turnedAway(traits), { timeout: 3000 });
  });

  test('limits come and go live, touch no open connection, and count what was open before', async () => {
    const r = await rig([1, 1]);
    const open = await many(10, (i) => r.hold(client(i % 2)));
    await r.settle({ maxConnections: 12, connectionsPerSource: 6 });
    await r.change({ a: { maxConnections: 1 } });
    const more = await many(4, () => r.hold(client(0)));
    expect(tally(more)).toEqual({ b: 1, [turnedAway(traits)]: 3 });
    expect(tally(await many(3, () => r.hold(client(2))))).toEqual({ b: 1, [turnedAway(traits)]: 2 });
    await r.settle({ maxConnections: 0, connectionsPerSource: 0 });
    await r.change({ a: { maxConnections: 0 } });
    expect(tally(await many(20, () => r.hold(client(0))))).not.toHaveProperty(turnedAway(traits));
    for (const socket of r.servers.get('a')!.sockets) socket.write('!');
    const onA = open.filter((h) => h.name === 'a');
    expect(onA).toHaveLength(5);
    for (const { client: c } of onA) expect((await c!.received(2)).toString()).toBe('a!');
    await r.plane.reset({ service: 's' });
    await r.allZero();
  });

  test('tables that this machine cannot hold are refused with the arithmetic, and nothing has changed', async () => {
    const r = await rig([1], { settings: { persistenceEntries: 100, persistenceTimeoutMs: 60_000 } });
    await expect(r.settle({ persistenceEntries: 2_000_000_000 })).rejects.toMatchObject({
      code: 'TOO_LARGE_FOR_MACHINE',
      message: expect.stringMatching(/2000000000 persistence entries of \d+ bytes.*of this machine's \d+ MB/),
    });
    expect(await r.ask()).toBe('a');
    expect(r.state.pools[0]!.servers).toEqual([server('a')]);
  });
}

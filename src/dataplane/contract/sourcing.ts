import { expect, test, vi } from 'vitest';
import type { PlaneSnat } from '../dataplane.ts';
import type { Rig, RigOptions } from './rig.ts';
import type { TestClient } from './sockets.ts';
import { type Traits, turnedAway } from './traits.ts';

type MakeRig = (weights: readonly number[], options?: RigOptions) => Promise<Rig>;

const FEW = { first: 4000, last: 4009 };

function from(addresses: readonly string[], ports: PlaneSnat['ports'] = FEW): RigOptions {
  return { settings: { snat: { addresses, ports } } };
}

async function hold(r: Rig, count: number): Promise<TestClient[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const client = await r.dial();
      await client.received(1);
      return client;
    }),
  );
}

/** Of these addresses alone: the kernel remembers ports of closed connections, also of earlier tests, for a minute. */
async function used(
  r: Rig,
  ...addresses: string[]
): Promise<[address: string, server: string, used: number][]> {
  const uses = await r.plane.sourceUse();
  return uses
    .filter(({ address }) => addresses.includes(address))
    .map(({ address, realServer, used: count }): [string, string, number] => [address, realServer, count])
    .toSorted(([a, s], [b, t]) => a.localeCompare(b) || s.localeCompare(t));
}

/** Where connections to servers come from. */
export function sourcingContract(rig: MakeRig, traits: Traits): void {
  test('a port of a source address serves each server once; then another address, then nobody', async () => {
    const r = await rig([1, 1], from(['127.0.3.1', '127.0.3.2']));
    const held = await hold(r, 40);
    expect(await used(r, '127.0.3.1', '127.0.3.2')).toEqual([
      ['127.0.3.1', 'a', 10],
      ['127.0.3.1', 'b', 10],
      ['127.0.3.2', 'a', 10],
      ['127.0.3.2', 'b', 10],
    ]);
    const sources = (await r.plane.connections()).map(({ source }) => source);
    expect(new Set(sources.map((source) => source.split(':')[0]))).toEqual(
      new Set(['127.0.3.1', '127.0.3.2']),
    );
    const ports = sources.map((source) => Number(source.split(':')[1]));
    expect(Math.min(...ports)).toBe(FEW.first);
    expect(Math.max(...ports)).toBe(FEW.last);

    expect(await r.dialUntilEnd()).toBe(turnedAway(traits));
    const { a, b } = { a: r.counters('a'), b: r.counters('b') };
    const noticed = [a.sourceShortages + b.sourceShortages, a.connectTimeouts + b.connectTimeouts];
    expect(noticed).toEqual([2, 0]);
    expect([a.connectErrors, b.connectErrors, a.active, b.active]).toEqual([0, 0, 20, 20]);
    for (const { socket } of held) socket.destroy();
    await r.allZero();
    // What translates keeps the port of a closed connection until it looks through all of them, and says so.
    await vi.waitUntil(async () => (await used(r, '127.0.3.1', '127.0.3.2')).length === 0, 5000);
  });

  test('a server that no source port is left for gives way to another, also without redispatch', async () => {
    const r = await rig([3, 1], {
      settings: { redispatch: false, snat: { addresses: ['127.0.3.3'], ports: FEW } },
    });
    const held = await hold(r, 20);
    expect([r.counters('a').active, r.counters('b').active]).toEqual([10, 10]);
    expect(r.counters('a').sourceShortages).toBeGreaterThan(0);
    for (const { socket } of held) socket.destroy();
    await r.allZero();
  });

  test('without ports of its own an address has those of the system, for IPv4 and IPv6', async () => {
    const r = await rig([1], from(['127.0.3.4', traits.vip6], null));
    const [client] = await hold(r, 1);
    const [listed] = await r.plane.connections();
    expect(listed?.source).toMatch(/^127\.0\.3\.4:/);
    const { first, last } = r.plane.systemPorts();
    const port = Number(listed?.source.split(':')[1]);
    expect(port >= first && port <= last).toBe(true);
    client!.socket.destroy();
    await r.allZero();
  });

  test('a change of source addresses is for new connections; one that is not ours is refused', async () => {
    const r = await rig([1], from(['127.0.3.5']));
    const [first] = await hold(r, 1);
    const service = r.state.services[0]!;
    const withSnat = (snat: PlaneSnat) => ({
      ...r.state,
      services: [{ ...service, settings: { ...service.settings, snat } }],
    });
    await expect(r.apply(withSnat({ addresses: ['192.0.2.77'], ports: null }))).rejects.toMatchObject({
      code: 'ADDRESS_MISSING',
      message: expect.stringContaining('192.0.2.77'),
    });
    await r.apply(withSnat({ addresses: ['127.0.3.6'], ports: FEW }));
    const [second] = await hold(r, 1);
    expect(await used(r, '127.0.3.5', '127.0.3.6')).toEqual([
      ['127.0.3.5', 'a', 1],
      ['127.0.3.6', 'a', 1],
    ]);
    for (const { socket } of [first!, second!]) socket.destroy();
    await r.allZero();
  });
}

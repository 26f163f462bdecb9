import { expect, test, vi } from 'vitest';
import type { ConnectionFilter } from '../dataplane.ts';
import type { Rig, RigOptions } from './rig.ts';
import { server, VIP } from './rig.ts';
import { dial, serve, type TestClient } from './sockets.ts';
import type { Traits } from './traits.ts';

type MakeRig = (weights: readonly number[], options?: RigOptions) => Promise<Rig>;

const quiet = { server: { onSocket: () => {} } } satisfies RigOptions;

/** Which connections a filter selects: the same ones for a list and for a reset. */
export function selectingContract(rig: MakeRig, traits: Traits): void {
  test('the connections of one client or network are listed and reset, and nobody else’s', async () => {
    const r = await rig([1, 1], quiet);
    const clients = ['127.0.7.1', '127.0.7.1', '127.0.7.2', '127.0.70.1', '127.0.8.1'];
    const [one, two, ...others] = await connected(r, clients);
    expect(await listed(r, { client: '127.0.7.1' })).toEqual(['127.0.7.1', '127.0.7.1']);
    expect(await listed(r, { client: '127.0.7.0/24' })).toEqual(['127.0.7.1', '127.0.7.1', '127.0.7.2']);
    expect(await listed(r, { client: '2001:db8::/32' })).toEqual([]);
    expect(await r.plane.reset({ client: '127.0.7.1' })).toBe(2);
    expect([await one!.ended, await two!.ended]).toEqual(['ECONNRESET', 'ECONNRESET']);
    for (const client of others) {
      (await r.farEnd(client)).write('!');
      expect((await client.received(2)).toString()).toMatch(/^[ab]!$/);
    }
    expect(await r.plane.reset({ client: '127.0.7.1' })).toBe(0);
    expect(await listed(r, {})).toEqual(['127.0.7.2', '127.0.70.1', '127.0.8.1']);
  });

  test('by VIP and port, and all parts of a filter together', async () => {
    const r = await rig([1], quiet);
    const [service] = r.state.services;
    const second = { vip: VIP, protocol: 'tcp', port: r.port + 54, serverPort: r.port } as const;
    await r.apply({ ...r.state, services: [{ ...service!, ports: [...service!.ports, second] }] });
    const [onFirst] = await connected(r, ['127.0.7.1']);
    const [onSecond] = await connected(r, ['127.0.7.1'], second.port);
    expect(await listed(r, { vip: VIP })).toHaveLength(2);
    expect(await listed(r, { vip: '127.0.0.99' })).toEqual([]);
    expect(await listed(r, { port: 1 })).toEqual([]);
    expect(await r.plane.connections({ port: second.port })).toMatchObject([
      { vip: `${VIP}:${second.port}` },
    ]);
    expect(await r.plane.reset({ vip: '127.0.0.99', port: second.port })).toBe(0);
    expect(await r.plane.reset({ port: second.port, client: '127.0.7.2' })).toBe(0);
    expect(await r.plane.reset({ port: second.port, client: '127.0.7.1', pool: 'p', service: 's' })).toBe(1);
    expect(await onSecond!.ended).toBe('ECONNRESET');
    (await r.farEnd(onFirst!)).write('!');
    expect((await onFirst!.received(2)).toString()).toBe('a!');
  });

  test('by age and by how long nothing was said', async () => {
    const r = await rig([1], quiet);
    const [silent, talking] = await connected(r, ['127.0.7.1', '127.0.7.2']);
    const ages = async () => (await r.plane.connections()).map((c) => c.ageMs);
    await vi.waitUntil(async () => (await ages()).every((age) => age > 300));
    talking!.socket.write('hello');
    await vi.waitUntil(async () => (await r.plane.connections()).some((c) => c.bytesIn === 5));
    await connected(r, ['127.0.7.3']);
    expect(await listed(r, { ageOverMs: 250 })).toEqual(['127.0.7.1', '127.0.7.2']);
    expect(await listed(r, { idleOverMs: 250 })).toEqual(['127.0.7.1']);
    expect(await listed(r, { ageOverMs: 3_600_000 })).toEqual([]);
    expect(await r.plane.reset({ ageOverMs: 250, idleOverMs: 250 })).toBe(1);
    expect(await silent!.ended).toBe('ECONNRESET');
    expect(await listed(r, {})).toEqual(['127.0.7.2', '127.0.7.3']);
  });

  test('a filter without parts selects all, and one that names nothing that is there selects none', async () => {
    const r = await rig([1], quiet);
    const clients = await connected(r, ['127.0.7.1', '127.0.7.2', '127.0.7.3']);
    expect(await r.plane.connections({ limit: 2 })).toHaveLength(2);
    for (const nobody of [{ vip: '127.0.0.1' }, { port: r.port + 1 }, { client: 'nonsense' }, { id: '0-0' }])
      expect([nobody, await r.plane.reset(nobody)]).toEqual([nobody, 0]);
    expect(await r.plane.reset({})).toBe(3);
    expect(await Promise.all(clients.map((c) => c.ended))).toEqual(Array(3).fill('ECONNRESET'));
    await r.allZero();
  });

  test('IPv6 clients and VIPs, however the address is written', async () => {
    const r = await rig([1], quiet);
    const far = await serve({
      host: traits.servers6[0],
      port: r.port + 55,
      greeting: 'x',
      onSocket: () => {},
    });
    r.servers.set('x', far);
    const pool = { name: 'six', fallback: null, servers: [{ ...server('x'), address: traits.servers6[0] }] };
    const [service] = r.state.services;
    const port = { vip: traits.vip6, protocol: 'tcp', port: r.port + 56, serverPort: r.port + 55 } as const;
    const six = { name: 'six', settings: { ...service!.settings, pool: 'six' }, ports: [port] };
    await r.apply({ pools: [...r.state.pools, pool], services: [...r.state.services, six] });
    const client = await dial(traits.vip6, port.port);
    await client.received(1);
    const { client6, clients6, vip6 } = traits;
    expect(await listed(r, { client: `${long(client6)}/128`, vip: long(vip6) })).toEqual([`[${client6}]`]);
    expect(await r.plane.reset({ client: clients6, port: port.port })).toBe(1);
    expect(await client.ended).toBe('ECONNRESET');
  });
}

/** The same address, written otherwise. */
function long(address: string): string {
  return address.replace('::', ':0:0:0::').replace(/^:/, '0:');
}

/** One connection from each client address, each greeted. */
async function connected(r: Rig, clients: readonly string[], port = r.port): Promise<TestClient[]> {
  const dialled = await Promise.all(clients.map((from) => dial(VIP, port, from)));
  await Promise.all(dialled.map((c) => c.received(1)));
  return dialled;
}

async function listed(r: Rig, filter: ConnectionFilter): Promise<string[]> {
  const found = await r.plane.connections(filter);
  return found.map((c) => c.client.replace(/:\d+$/, '')).toSorted();
}

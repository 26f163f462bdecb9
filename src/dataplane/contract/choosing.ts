import { expect, test } from 'vitest';
import type { Rig, RigOptions } from './rig.ts';
import { addressOf, server, VIP } from './rig.ts';
import { dial, serve } from './sockets.ts';
import { type Traits, turnedAway } from './traits.ts';

type MakeRig = (weights: readonly number[], options?: RigOptions) => Promise<Rig>;

/** Which server a connection goes to. */
export function choosingContract(rig: MakeRig, traits: Traits): void {
  test('600 connections opened at once and held, weights 1:2:3: exactly 100, 200, 300, three times', async () => {
    const r = await rig([1, 2, 3]);
    for (let round = 0; round < 3; round++) {
      const clients = await Promise.all(Array.from({ length: 600 }, () => r.dial()));
      await Promise.all(clients.map((c) => c.received(1)));
      expect(['a', 'b', 'c'].map((n) => r.counters(n).active)).toEqual([100, 200, 300]);
      for (const c of clients) c.socket.destroy();
      await r.allZero();
    }
    expect(['a', 'b', 'c'].map((n) => r.counters(n).total)).toEqual([300, 600, 900]);
  });

  test('equal weights and no load: strict alternation over 40 reconnects', async () => {
    const r = await rig([1, 1]);
    const seen: string[] = [];
    for (let i = 0; i < 40; i++) seen.push(await r.ask());
    expect(seen.join('')).toMatch(/^(ab){20}$|^(ba){20}$/);
  });

  test('counts belong to the server over all services and ports', async () => {
    const r = await rig([1, 1]);
    const second = r.port + 50;
    await r.apply({
      ...r.state,
      services: [
        ...r.state.services,
        {
          name: 't',
          settings: r.state.services[0]!.settings,
          ports: [{ vip: VIP, protocol: 'tcp', port: second, serverPort: r.port }],
        },
      ],
    });
    const first = await Promise.all([r.dial(), r.dial()]);
    // A connect is over before its server is chosen.
    await Promise.all(first.map((c) => c.received(1)));
    await r.change({ b: { selectable: false } });
    first.push(await r.dial(), await r.dial());
    await Promise.all(first.map((c) => c.received(1)));
    await r.change({ b: { selectable: true } });
    // a holds three by service s, b one: the next two of service t belong to b.
    const others = [await r.dial(second), await r.dial(second)];
    const names = await Promise.all(others.map(async (c) => (await c.received(1)).toString()));
    expect(names).toEqual(['b', 'b']);
    for (const c of [...first, ...others]) c.socket.destroy();
    await r.allZero();
  });

  test('no selectable server: connects are refused; with one again they are taken', async () => {
    const r = await rig([1, 1]);
    await r.change({ a: { selectable: false }, b: { selectable: false } });
    await expect(r.dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await r.change({ b: { selectable: true } });
    expect(await r.ask()).toBe('b');
    expect(await r.ask()).toBe('b');
  });

  test('a fallback is used when no server is selectable and only then, on its own port', async () => {
    const r = await rig([1]);
    const other = await serve({ host: addressOf('z'), greeting: 'z' });
    r.servers.set('z', other);
    const fallback = { address: addressOf('z'), port: other.port };
    await r.apply({ ...r.state, pools: r.state.pools.map((p) => ({ ...p, fallback })) });
    expect(await r.ask()).toBe('a');
    await r.change({ a: { selectable: false } });
    expect(await r.ask()).toBe('z');
    expect(r.counters('fallback:').total).toBe(1);
    await r.change({ a: { selectable: true } });
    expect(await r.ask()).toBe('a');
  });

  test.runIf(traits.opensItself)(
    'a refused connect is tried once on another server, and counted',
    async () => {
      const r = await rig([1, 1]);
      await r.servers.get('a')?.close();
      for (let i = 0; i < 4; i++) expect(await r.ask()).toBe('b');
      expect(r.counters('a')).toMatchObject({ active: 0, connectErrors: 4, redispatches: 4 });
      await r.servers.get('b')?.close();
      expect(await r.dialUntilEnd()).toBe('ECONNRESET');
      await r.allZero();
    },
  );

  test.runIf(!traits.opensItself)('a refused connect is passed on to the client, and counted', async () => {
    const r = await rig([1, 1], { server: { onSocket: (socket) => socket.end() } });
    await r.servers.get('a')?.close();
    const ends = [];
    for (let i = 0; i < 4; i++) ends.push(await r.dialUntilEnd());
    expect(ends.toSorted()).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'end', 'end']);
    await r.allZero();
    expect(r.counters('a')).toMatchObject({ connectErrors: 2, total: 2, redispatches: 0, serverResets: 0 });
    expect(r.plane.counters().ports[0]).toMatchObject({ total: 4, refused: 2 });
  });

  test('without redispatch a refused connect is a reset to the client', async () => {
    const r = await rig([1, 1], {
      settings: { redispatch: false },
      server: { onSocket: (socket) => socket.end() },
    });
    await r.servers.get('a')?.close();
    const ends = [await r.dialUntilEnd(), await r.dialUntilEnd()];
    expect(ends.sort()).toEqual([turnedAway(traits), 'end']);
    expect(r.counters('a').redispatches).toBe(0);
  });

  test('IPv6 on both sides, and, of a plane that can, a VIP of one family before servers of the other', async () => {
    const r = await rig([1]);
    const { vip6, opensItself } = traits;
    const [server6] = traits.servers6;
    const six = await serve({ host: server6, port: r.port, greeting: '6' });
    r.servers.set('six', six);
    const mapped = r.port + 51;
    await r.apply({
      pools: [
        ...r.state.pools,
        { name: 'q', fallback: null, servers: [{ ...server('six'), address: server6 }] },
      ],
      services: [
        ...r.state.services,
        {
          name: 'v6',
          settings: { ...r.state.services[0]!.settings, pool: 'q' },
          ports: (opensItself ? [vip6, VIP] : [vip6]).map((vip) => {
            return { vip, protocol: 'tcp', port: mapped, serverPort: r.port } as const;
          }),
        },
      ],
    });
    for (const host of opensItself ? [vip6, VIP] : [vip6]) {
      const client = await dial(host, mapped);
      expect((await client.received(1)).toString()).toBe('6');
      const [listed] = await r.plane.connections({ service: 'v6' });
      expect(listed).toMatchObject({
        pool: 'q',
        realServer: 'six',
        source: expect.stringMatching(/^\[[0-9a-f:]+\]:\d+$/),
      });
      client.socket.destroy();
      await r.allZero();
    }
  });
}

import { expect, test, vi } from 'vitest';
import type { Rig, RigOptions } from './rig.ts';
import { addressOf, openDescriptors, server, VIP } from './rig.ts';
import { deafServer, dial, serve } from './sockets.ts';
import type { Traits } from './traits.ts';

type MakeRig = (weights: readonly number[], options?: RigOptions) => Promise<Rig>;

const quiet = { server: { onSocket: () => {} } } satisfies RigOptions;

/** What changes do, and what they leave alone. */
export function changingContract(rig: MakeRig, traits: Traits): void {
  test('a server that goes takes its own connections with it and nobody else', async () => {
    const r = await rig([1, 1], quiet);
    const clients = await Promise.all([r.dial(), r.dial()]);
    const names = await Promise.all(clients.map(async (c) => (await c.received(1)).toString()));
    const [onA, onB] = [clients[names.indexOf('a')]!, clients[names.indexOf('b')]!];
    await r.apply({ ...r.state, pools: [{ ...r.state.pools[0]!, servers: [server('b')] }] });
    expect(await onA.ended).toBe('ECONNRESET');
    r.servers.get('b')!.sockets[0]!.write('still here');
    expect((await onB.received(11)).toString()).toBe('bstill here');
    const next = await r.dial();
    expect((await next.received(1)).toString()).toBe('b');
  });

  test('what is still connecting to a server that goes is given to another one', async () => {
    const r = await rig([1, 1], quiet);
    r.servers.set('v', await deafServer(addressOf('v'), r.port));
    const vanished = { ...server('v'), weight: 1000 };
    const withVanished = { ...r.state, pools: [{ ...r.state.pools[0]!, servers: [vanished, server('b')] }] };
    await r.apply(withVanished);
    // Their connects are over when the plane has accepted them, or when a server has.
    const dialled = Promise.all([r.dial(), r.dial()]);
    await vi.waitUntil(() => r.counters('v').active === 1);
    await r.apply({ ...r.state, pools: [{ ...r.state.pools[0]!, servers: [server('b')] }] });
    const clients = await dialled;
    expect(await Promise.all(clients.map((c) => c.received(1).then(String)))).toEqual(['b', 'b']);
  });

  test('a port that goes takes what came in by it; the others go on', async () => {
    const r = await rig([1], quiet);
    const second = { vip: VIP, protocol: 'tcp', port: r.port + 50, serverPort: r.port } as const;
    const [service] = r.state.services;
    await r.apply({ ...r.state, services: [{ ...service!, ports: [...service!.ports, second] }] });
    const [kept, gone] = [await r.dial(), await r.dial(second.port)];
    await Promise.all([kept.received(1), gone.received(1)]);
    await r.apply({ ...r.state, services: [service!] });
    expect(await gone.ended).toBe('ECONNRESET');
    await expect(r.dial(second.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    (await r.farEnd(kept)).write('!');
    expect((await kept.received(2)).toString()).toBe('a!');
  });

  test('a service moved to another pool keeps its open connections', async () => {
    const r = await rig([1, 1], quiet);
    const [pool] = r.state.pools;
    const [service] = r.state.services;
    await r.apply({
      pools: [
        { ...pool!, servers: [server('a')] },
        { name: 'q', fallback: null, servers: [server('b')] },
      ],
      services: [service!],
    });
    const open = await r.dial();
    expect((await open.received(1)).toString()).toBe('a');
    await r.apply({ ...r.state, services: [{ ...service!, settings: { ...service!.settings, pool: 'q' } }] });
    const next = await r.dial();
    expect((await next.received(1)).toString()).toBe('b');
    r.servers.get('a')!.sockets[0]!.write('!');
    expect((await open.received(2)).toString()).toBe('a!');
    expect(await r.plane.connections({ pool: 'p' })).toHaveLength(1);
  });

  test('a port that is mapped to another server port keeps its open connections', async () => {
    const r = await rig([1], quiet);
    const other = await serve({ host: addressOf('a'), greeting: 'A' });
    r.servers.set('other', other);
    const open = await r.dial();
    await open.received(1);
    const [service] = r.state.services;
    const ports = service!.ports.map((port) => ({ ...port, serverPort: other.port }));
    await r.apply({ ...r.state, services: [{ ...service!, ports }] });
    const next = await r.dial();
    expect((await next.received(1)).toString()).toBe('A');
    r.servers.get('a')!.sockets[0]!.write('!');
    expect((await open.received(2)).toString()).toBe('a!');
  });

  test('a service moved to a pool that comes in the same change loses no connection', async () => {
    const r = await rig([1], { server: { onSocket: (socket) => socket.end() } });
    const [pool] = r.state.pools;
    const [service] = r.state.services;
    const ends = new Set<string>();
    const enough = new AbortController();
    const knocking = Array.from({ length: 8 }, async () => {
      while (!enough.signal.aborted) ends.add(await r.dialUntilEnd());
    });
    const start = r.state;
    for (let i = 0; i < 20; i++) {
      const other = { ...pool!, name: `p${i}` };
      const moved = { ...service!, settings: { ...service!.settings, pool: other.name } };
      await r.apply({ pools: [pool!, other], services: [moved] });
      await r.apply({ pools: [pool!, other], services: [service!] });
      // What is open there ends with the pool, so it is let go first.
      await vi.waitUntil(() => r.plane.counters().servers.get(`${other.name}/a`)?.active === 0);
      await r.apply(start);
    }
    enough.abort();
    await Promise.all(knocking);
    expect([...ends]).toEqual(['end']);
  });

  test('all of forty servers change their addresses at once', async () => {
    const r = await rig([1]);
    const pool = (net: string) => ({
      ...r.state.pools[0]!,
      servers: Array.from({ length: 40 }, (_, i) => ({
        ...server(`s${i}`),
        address: `127.0.${net}.${i + 1}`,
      })),
    });
    await r.apply({ ...r.state, pools: [pool('5')] });
    await r.apply({ ...r.state, pools: [pool('6')] });
    expect(r.plane.counters().servers.size).toBe(40);
  });

  test('a port whose connections linger in TIME_WAIT can be had again at once', async () => {
    const r = await rig([1], { server: { onSocket: (socket) => socket.end() } });
    // The server ends first, and so does the plane towards the client: TIME_WAIT is on the VIP's side.
    for (let i = 0; i < 4; i++) expect(await r.dialUntilEnd()).toBe('end');
    await r.allZero();
    await r.plane.close(0);
    const next = await rig([1]);
    const [service] = next.state.services;
    await next.apply({
      ...next.state,
      services: [{ ...service!, ports: [{ ...service!.ports[0]!, port: r.port }] }],
    });
    const client = await next.dial(r.port);
    expect((await client.received(1)).toString()).toBe('a');
  });

  test.runIf(traits.opensItself)('while it refuses, a port cannot be taken by another program', async () => {
    const r = await rig([1]);
    await r.change({ a: { selectable: false } });
    await expect(serve({ host: VIP, port: r.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await r.change({ a: { selectable: true } });
    expect(await r.ask()).toBe('a');
  });

  test('more ports than descriptors are refused with the arithmetic before one is opened', async () => {
    const r = await rig([1]);
    const [service] = r.state.services;
    const ports = Array.from({ length: 8000 }, (_, i) => {
      return { vip: '127.0.0.10', protocol: 'tcp', port: 1024 + i, serverPort: r.port } as const;
    });
    const many = Array.from({ length: 40 }, (_, i) => {
      return {
        ...service!,
        name: `m${i}`,
        ports: ports.map((port) => ({ ...port, vip: `127.0.1.${i + 100}` })),
      };
    });
    const before = openDescriptors(traits);
    await expect(r.apply({ ...r.state, services: [...r.state.services, ...many] })).rejects.toMatchObject({
      code: 'TOO_LARGE_FOR_MACHINE',
    });
    await expect.poll(() => openDescriptors(traits)).toBeLessThanOrEqual(before);
    expect(await r.ask()).toBe('a');
  });

  test.runIf(traits.opensItself)('a change that cannot be made is not made in part', async () => {
    const r = await rig([1]);
    const taken = await serve({ host: VIP, port: r.port + 52 });
    r.servers.set('taken', taken);
    const [service] = r.state.services;
    const port = (n: number) =>
      ({ vip: VIP, protocol: 'tcp', port: r.port + n, serverPort: r.port }) as const;
    const before = openDescriptors(traits);
    await expect(
      r.apply({
        pools: [{ ...r.state.pools[0]!, servers: [server('a'), server('b')] }],
        services: [{ ...service!, ports: [...service!.ports, port(51), port(52)] }],
      }),
    ).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    await expect.poll(() => openDescriptors(traits)).toBeLessThanOrEqual(before);
    await expect(r.dial(r.port + 51)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect([await r.ask(), await r.ask()]).toEqual(['a', 'a']);
    await expect(
      r.apply({ ...r.state, services: [{ ...service!, ports: [{ ...port(0), vip: '192.0.2.1' }] }] }),
    ).rejects.toMatchObject({ code: 'ADDRESS_MISSING' });
  });

  test('connections are listed with who, where and how much, and one of them can be reset by its id', async () => {
    const r = await rig([1, 1], quiet);
    const clients = await Promise.all([r.dial(), r.dial()]);
    await Promise.all(clients.map((c) => c.received(1)));
    clients[0]!.socket.write('hello');
    const near = (i: number) => `127.0.0.1:${clients[i]!.socket.localPort}`;
    await expect
      .poll(async () => (await r.plane.connections()).find((c) => c.client === near(0)))
      .toMatchObject({ service: 's', pool: 'p', vip: `${VIP}:${r.port}`, bytesIn: 5, bytesOut: 1 });
    const all = await r.plane.connections();
    expect(all.map((c) => c.realServer).sort()).toEqual(['a', 'b']);
    const far = r.servers.get(all[0]!.realServer)!.sockets[0]!;
    expect(all[0]!.source).toBe(`${far.remoteAddress}:${far.remotePort}`);
    const victim = all.find((c) => c.client === near(1))!;
    expect(await r.plane.reset({ id: victim.id })).toBe(1);
    expect(await clients[1]!.ended).toBe('ECONNRESET');
    expect(await r.plane.reset({ id: victim.id })).toBe(0);
    expect(await r.plane.connections({ realServer: victim.realServer })).toEqual([]);
    expect(await r.plane.connections({ limit: 1 })).toHaveLength(1);
    expect(await r.plane.reset({ id: 'nonsense' })).toBe(0);
    expect(await r.plane.reset({ pool: 'unknown' })).toBe(0);
    expect(await r.plane.reset({ pool: 'p', realServer: all.find((c) => c !== victim)!.realServer })).toBe(1);
    await r.allZero();
  });

  test('many changes leave no descriptor behind and touch no open connection', async () => {
    const r = await rig([1, 1], quiet);
    const client = await r.dial();
    const name = (await client.received(1)).toString();
    const before = openDescriptors(traits);
    const start = r.state;
    const [service] = start.services;
    const extra = { vip: VIP, protocol: 'tcp', port: r.port + 53, serverPort: r.port } as const;
    // A change that replaces a table of nftables takes longer than a message to a thread.
    const rounds = traits.opensItself ? 100 : 25;
    for (let i = 0; i < rounds; i++) {
      await r.apply({
        pools: [{ ...start.pools[0]!, servers: [server('a', 1 + (i % 7)), server('b'), server('c')] }],
        services: [
          {
            ...service!,
            settings: { ...service!.settings, scheduler: 'wrr' },
            ports: [...service!.ports, extra],
          },
        ],
      });
      await r.apply(start);
    }
    await expect.poll(() => openDescriptors(traits)).toBeLessThanOrEqual(before);
    r.servers.get(name)!.sockets[0]!.write('!');
    expect((await client.received(2)).toString()).toBe(`${name}!`);
  });

  test('close: no new connections, open ones have their time, then a reset', async () => {
    const r = await rig([1], quiet);
    const [quick, slow] = [await r.dial(), await r.dial()];
    await Promise.all([quick.received(1), slow.received(1)]);
    const closed = r.plane.close(500);
    await expect
      .poll(() =>
        r.dial().then(
          (c) => c.socket.destroy() && 'taken',
          (e) => e.code,
        ),
      )
      .toBe('ECONNREFUSED');
    for (const socket of r.servers.get('a')!.sockets) socket.write('!');
    expect((await quick.received(2)).toString()).toBe('a!');
    expect(await slow.ended).toBe('ECONNRESET');
    await closed;
    await r.plane.close(0);
  });

  test.runIf(traits.opensItself)(
    'a port that another program holds with SO_REUSEPORT is not shared with it unnoticed',
    async () => {
      const r = await rig([1]);
      const other = await rig([1]);
      const [service] = other.state.services;
      const wanted = { ...service!.ports[0]!, port: r.port };
      await expect(
        other.apply({ ...other.state, services: [{ ...service!, ports: [wanted] }] }),
      ).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
      expect(await dial(VIP, r.port).then((c) => c.received(1).then(String))).toBe('a');
    },
  );
}

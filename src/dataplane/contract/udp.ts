import { expect, test } from 'vitest';
import { addressOf, server, VIP } from './rig.ts';
import { serveUdp } from './udp-sockets.ts';
import { type MakeRig, nameOf, namesOf, udpRig } from './udp-rig.ts';
import type { Traits } from './traits.ts';

/** What goes through a UDP port, and to whom. */
export function udpContract(make: MakeRig, traits: Traits): void {
  test('datagrams pass whole, the empty one and the largest too, and answers come from the VIP', async () => {
    const u = await udpRig(make, [1]);
    // The client's socket is connected: it takes an answer from nowhere but the VIP and port.
    const client = await u.dial();
    const sizes = [1, 0, 1200, 9000, 65_507];
    for (const size of sizes) {
      const message = Buffer.alloc(size, size % 251);
      expect((await client.ask(message)).equals(message)).toBe(true);
    }
    const all = sizes.reduce((a, b) => a + b);
    // Of a datagram in fragments, what looks at packets counts the first.
    const bytes = traits.opensItself ? { bytesIn: all, bytesOut: all } : {};
    expect(u.portCounters()).toMatchObject({ active: 1, total: 1, ...bytes });
    expect(u.rig.counters('a')).toMatchObject({ active: 1, total: 1, ...bytes });
    expect(u.portCounters().bytesIn).toBeGreaterThan(1200);
  });

  test('600 flows held, weights 1:2:3: exactly 100, 200, 300, and each stays where it is', async () => {
    const u = await udpRig(make, [1, 2, 3]);
    const flows = await u.dialMany(600);
    expect(['a', 'b', 'c'].map((n) => u.rig.counters(n).active)).toEqual([100, 200, 300]);
    const again = await namesOf(flows.map((f) => f.client));
    expect(again).toEqual(flows.map((f) => f.server));
    expect(['a', 'b', 'c'].map((n) => again.filter((a) => a === n).length)).toEqual([100, 200, 300]);
    expect(u.portCounters()).toMatchObject({ active: 600, total: 600, refused: 0 });
  });

  test('flows and connections count together', async () => {
    const u = await udpRig(make, [1, 1]);
    const tcp = [await u.rig.dial(), await u.rig.dial()];
    await Promise.all(tcp.map((c) => c.received(1)));
    await u.rig.change({ a: { selectable: false } });
    const [onB] = await u.dialMany(1);
    await u.rig.change({ a: { selectable: true } });
    // a has one connection, b one and a flow.
    expect(onB?.server).toBe('b');
    expect(await nameOf(await u.dial())).toBe('a');
    for (const c of tcp) c.socket.destroy();
  });

  test('clients differ by address and port, and one client’s flows by the port of the VIP', async () => {
    const u = await udpRig(make, [1, 1]);
    const second = { ...u.port, port: u.port.port + 50 };
    await u.setPorts([u.port, second]);
    const names = await namesOf([await u.dial(), await u.dial(second)]);
    expect(names.toSorted()).toEqual(['a', 'b']);
    expect(await u.rig.plane.connections()).toHaveLength(2);
  });

  test('a flow is listed with both its ends, and can be ended by its id', async () => {
    const u = await udpRig(make, [1, 1]);
    const [first, other] = await u.dialMany(2);
    const name = first?.server ?? '';
    const [listed, ...rest] = await u.rig.plane.connections({ realServer: name });
    expect(rest).toEqual([]);
    expect(listed).toMatchObject({
      protocol: 'udp',
      service: 's',
      pool: 'p',
      realServer: name,
      client: first?.client.local,
      vip: `${VIP}:${u.port.port}`,
      bytesIn: 1,
      bytesOut: 1,
    });
    expect([...(u.servers.get(name)?.peers.keys() ?? [])]).toEqual([listed?.source]);
    expect(await u.rig.plane.reset({ id: listed?.id ?? '' })).toBe(1);
    expect(await u.rig.plane.reset({ id: listed?.id ?? '' })).toBe(0);
    expect(u.rig.counters(name).active).toBe(0);
    expect(u.rig.counters(other?.server ?? '').active).toBe(1);
  });

  test.runIf(traits.opensItself)(
    'a VIP of IPv6 in front of servers of IPv4, with another port there',
    async () => {
      const u = await udpRig(make, [1]);
      const mapped = { ...u.port, vip: '::1', port: u.port.port + 51 };
      await u.setPorts([u.port, mapped]);
      const client = await u.dial(mapped);
      expect(await nameOf(client)).toBe('a');
      const [listed] = await u.rig.plane.connections();
      expect(listed).toMatchObject({ client: client.local, vip: `[::1]:${mapped.port}` });
    },
  );

  test('no usable server: dropped and counted; the fallback takes what comes when there is one', async () => {
    const u = await udpRig(make, [1]);
    await u.rig.change({ a: { selectable: false } });
    const client = await u.dial();
    client.send('?');
    await expect.poll(() => u.portCounters().refused).toBe(1);
    await u.startServer('f');
    const fallback = { address: addressOf('f'), port: u.port.port };
    await u.rig.apply({ ...u.rig.state, pools: u.rig.state.pools.map((p) => ({ ...p, fallback })) });
    expect(await nameOf(client)).toBe('f');
    expect(u.portCounters()).toMatchObject({ active: 1, total: 1, refused: 1 });
  });

  test.runIf(!traits.opensItself)(
    'a server on which nobody listens: its word reaches the client',
    async () => {
      const u = await udpRig(make, [1]);
      await u.servers.get('a')?.close();
      const client = await u.dial();
      await expect(client.ask('?')).rejects.toThrow('ECONNREFUSED');
      await u.rig.plane.reset({});
      await u.rig.allZero();
    },
  );

  test.runIf(traits.opensItself)(
    'a server on which nobody listens: counted, and the next datagram is given a server anew',
    async () => {
      const u = await udpRig(make, [1, 1]);
      await u.servers.get('a')?.close();
      const client = await u.dial();
      // Whoever is given a hears nothing; the flow ends by itself when a's machine says that nobody listens.
      await u.rig.change({ b: { selectable: false } });
      client.send('?');
      await expect.poll(() => u.rig.counters('a')).toMatchObject({ connectErrors: 1, active: 0, total: 1 });
      await u.rig.change({ b: { selectable: true }, a: { selectable: false } });
      expect(await nameOf(client)).toBe('b');
      expect(u.portCounters()).toMatchObject({ active: 1, total: 2, refused: 0 });
    },
  );

  test.runIf(traits.opensItself)(
    'a server that goes away under a flow: the flow is given to another, and counted',
    async () => {
      const u = await udpRig(make, [1]);
      const client = await u.dial();
      await nameOf(client);
      await u.servers.get('a')?.close();
      await u.startServer('b');
      await u.rig.apply({
        ...u.rig.state,
        pools: u.rig.state.pools.map((p) => ({ ...p, servers: [...p.servers, server('b')] })),
      });
      await u.rig.change({ a: { selectable: false } });
      client.send('lost');
      await expect.poll(() => u.rig.counters('a')).toMatchObject({ connectErrors: 1, active: 0 });
      expect(await nameOf(client)).toBe('b');
      expect(u.rig.counters('a')).toMatchObject({ total: 1, redispatches: 1 });
      expect(u.portCounters()).toMatchObject({ active: 1, total: 1, refused: 0 });
    },
  );

  test.runIf(traits.opensItself)(
    'a dead server does not draw all new flows because its count is the lowest',
    async () => {
      const u = await udpRig(make, [1, 1]);
      await u.servers.get('a')?.close();
      const clients = await Promise.all(Array.from({ length: 10 }, () => u.dial()));
      // The first datagram of half of them is lost at a; UDP clients ask again.
      for (const client of clients) client.send('?');
      await expect.poll(() => u.rig.counters('b').active).toBe(10);
      expect(u.rig.counters('a').active).toBe(0);
      expect(await namesOf(clients)).toEqual(Array.from({ length: 10 }, () => 'b'));
    },
  );

  test.runIf(traits.opensItself)(
    'without redispatch a flow that is refused ends, and its next datagram opens another',
    async () => {
      const u = await udpRig(make, [1, 1], { redispatch: false, scheduler: 'rr' });
      await u.servers.get('a')?.close();
      const client = await u.dial();
      const other = await u.dial();
      for (const one of [client, other]) one.send('?');
      await expect
        .poll(() => u.rig.counters('a'))
        .toMatchObject({ connectErrors: 1, active: 0, redispatches: 0 });
      // The other one may come to the other worker, later.
      await expect.poll(() => u.portCounters()).toMatchObject({ active: 1, total: 2 });
    },
  );

  test('persistence: another flow of the same address goes to the same server, whatever scheduler', async () => {
    const u = await udpRig(make, [1, 1], { persistenceEntries: 10, persistenceTimeoutMs: 60_000 });
    const flows = await u.dialMany(6);
    expect(new Set(flows.map((f) => f.server)).size).toBe(1);
    await u.rig.change({ [flows[0]!.server]: { selectable: false } });
    const others = await u.dialMany(2);
    expect(others.map((f) => f.server)).toEqual(flows[0]!.server === 'a' ? ['b', 'b'] : ['a', 'a']);
  });

  test('limits: a service and a server hold as many flows as they may, and ended ones make room', async () => {
    const u = await udpRig(make, [1, 1], { maxConnections: 3 });
    await u.rig.change({ a: { maxConnections: 1 } });
    const flows = await u.dialMany(3);
    expect(flows.map((f) => f.server).toSorted()).toEqual(['a', 'b', 'b']);
    const late = await u.dial();
    late.send('?');
    await expect.poll(() => u.portCounters()).toMatchObject({ active: 3, refused: 1, atServiceLimit: 1 });
    expect(await u.rig.plane.reset({ realServer: 'a' })).toBe(1);
    expect(await nameOf(late)).toBe('a');
  });

  test.runIf(traits.opensItself)(
    'a port that another program has is refused, and its TCP port is another matter',
    async () => {
      const u = await udpRig(make, [1]);
      const taken = { ...u.port, port: u.port.port + 52 };
      u.keep(await serveUdp('x', VIP, taken.port));
      await expect(u.setPorts([u.port, taken])).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
      expect(await nameOf(await u.dial())).toBe('a');
      await u.setPorts([u.port, { ...taken, protocol: 'tcp' }]);
    },
  );
}

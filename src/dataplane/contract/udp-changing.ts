import { expect, test } from 'vitest';
import { type MakeRig, nameOf, namesOf, udpRig } from './udp-rig.ts';
import type { Traits } from './traits.ts';

/** How flows end, and what changes do to them. */
export function udpChangingContract(make: MakeRig, traits: Traits): void {
  test('a flow ends silently after udpIdle, and datagrams of either way keep it', async () => {
    const u = await udpRig(make, [1], { udpIdleMs: 300 });
    const client = await u.dial();
    await nameOf(client);
    const [peer] = u.servers.get('a')?.peers.values() ?? [];
    const began = performance.now();
    // From the server alone: the client says nothing, and the flow outlives its timeout.
    while (performance.now() - began < 700) {
      u.servers.get('a')?.socket.send('x', peer?.port, peer?.address);
      await client.next();
    }
    expect(u.portCounters()).toMatchObject({ active: 1, total: 1 });
    const lastHeard = performance.now();
    await u.rig.allZero();
    expect(performance.now() - lastHeard).toBeGreaterThan(250);
    expect(u.rig.counters('a')).toMatchObject({ active: 0, total: 1, idleExpired: 0, connectErrors: 0 });
    expect(await u.rig.plane.connections()).toEqual([]);
    // Nobody was told, so the client goes on as if nothing had been; it is a new flow.
    expect(await nameOf(client)).toBe('a');
    expect(u.rig.counters('a').total).toBe(2);
  });

  test('a shorter udpIdle ends what is idle for so long already', async () => {
    const u = await udpRig(make, [1], { udpIdleMs: 3_600_000 });
    await u.dialMany(3);
    expect(u.rig.counters('a').active).toBe(3);
    await u.setSettings({ udpIdleMs: 100 });
    await u.rig.allZero();
  });

  test('the flows of one client are selected, and nobody else’s', async () => {
    const u = await udpRig(make, [1, 1]);
    const [first, second] = await u.dialMany(2);
    const [mine] = await u.rig.plane.connections({ client: '127.0.0.0/8', port: u.port.port, limit: 1 });
    expect(await u.rig.plane.connections({ client: '127.0.0.0/8' })).toHaveLength(2);
    expect(await u.rig.plane.reset({ client: '192.0.2.0/24' })).toBe(0);
    expect(await u.rig.plane.reset({ port: u.port.port + 1 })).toBe(0);
    expect(await u.rig.plane.reset({ idleOverMs: 3_600_000 })).toBe(0);
    expect(await u.rig.plane.reset({ ageOverMs: 3_600_000 })).toBe(0);
    expect(mine).toBeDefined();
    expect([first, second].map((f) => f?.server).toSorted()).toEqual(['a', 'b']);
    expect(await u.rig.plane.reset({ client: '127.0.0.0/8', port: u.port.port })).toBe(2);
    await u.rig.allZero();
  });

  test('drain: open flows stay, new ones go elsewhere, also when nobody is left for new ones', async () => {
    const u = await udpRig(make, [1, 1]);
    const flows = await u.dialMany(4);
    await u.rig.change({ a: { selectable: false } });
    for (const { client, server } of flows) expect(await nameOf(client)).toBe(server);
    expect((await u.dialMany(3)).map((f) => f.server)).toEqual(['b', 'b', 'b']);
    await u.rig.change({ b: { selectable: false } });
    for (const { client, server } of flows) expect(await nameOf(client)).toBe(server);
  });

  test('a server that goes down: its flows are dropped, and their next datagrams go to others', async () => {
    const u = await udpRig(make, [1, 1]);
    const flows = await u.dialMany(10);
    await u.rig.change({ a: { selectable: false } });
    expect(await u.rig.plane.reset({ pool: 'p', realServer: 'a' })).toBe(5);
    expect(u.rig.counters('a').active).toBe(0);
    const now = await namesOf(flows.map((f) => f.client));
    expect(new Set(now)).toEqual(new Set(['b']));
    expect(u.rig.counters('b').active).toBe(10);
  });

  test('a removed server: its flows end, the others’ go on', async () => {
    const u = await udpRig(make, [1, 1]);
    const flows = await u.dialMany(6);
    await u.rig.apply({
      ...u.rig.state,
      pools: u.rig.state.pools.map((p) => ({ ...p, servers: p.servers.filter((s) => s.name === 'b') })),
    });
    expect(u.rig.counters('b').active).toBe(3);
    const sources = (await u.rig.plane.connections()).map((c) => c.client);
    const onB = flows.filter((f) => f.server === 'b').map((f) => f.client.local);
    expect(sources.toSorted()).toEqual(onB.toSorted());
    for (const { client } of flows) expect(await nameOf(client)).toBe('b');
  });

  test('a removed port: its flows end, and nobody listens there any more; other ports go on', async () => {
    const u = await udpRig(make, [1]);
    const second = { ...u.port, port: u.port.port + 50 };
    await u.setPorts([u.port, second]);
    const [stays, goes] = [await u.dial(), await u.dial(second)];
    for (const client of [stays, goes]) await nameOf(client);
    await u.setPorts([u.port]);
    expect(u.rig.counters('a').active).toBe(1);
    await expect(goes.ask('?')).rejects.toThrow('ECONNREFUSED');
    expect(await nameOf(stays)).toBe('a');
    // The same port again is a new one, with counters of its own.
    await u.setPorts([second, u.port]);
    expect(await nameOf(await u.dial(second))).toBe('a');
    expect(u.portCounters()).toMatchObject({ active: 1, total: 1 });
  });

  test('a removed service: its flows end', async () => {
    const u = await udpRig(make, [1]);
    const [flow] = await u.dialMany(1);
    await u.rig.apply({ ...u.rig.state, services: [] });
    expect(u.rig.counters('a').active).toBe(0);
    await expect(flow?.client.ask('?')).rejects.toThrow('ECONNREFUSED');
  });

  test('another server port: open flows stay where they are, new ones go there', async () => {
    const u = await udpRig(make, [1]);
    const [flow] = await u.dialMany(1);
    await u.setPorts([{ ...u.port, serverPort: u.port.port + 60 }]);
    expect(await nameOf(flow!.client)).toBe('a');
    const fresh = await u.dial();
    fresh.send('?');
    // Nobody listens on that port.
    const counted = traits.opensItself ? { connectErrors: 1, active: 1 } : { active: 2 };
    await expect.poll(() => u.rig.counters('a')).toMatchObject({ ...counted, total: 2 });
  });

  test('at the end open flows go on and new ones are not taken; quiet ones do not hold it up', async () => {
    const u = await udpRig(make, [1]);
    const client = await u.dial();
    await nameOf(client);
    const began = performance.now();
    const closed = u.rig.plane.close(20_000);
    // The service's TCP port says when it has begun.
    await expect.poll(() => u.rig.ask().catch((error) => error.code)).toBe('ECONNREFUSED');
    expect(await nameOf(client)).toBe('a');
    (await u.dial()).send('?');
    await closed;
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(u.portCounters()).toMatchObject({ active: 0, total: 1, refused: 1 });
  });
}

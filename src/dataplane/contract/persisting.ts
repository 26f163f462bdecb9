import { expect, test, vi } from 'vitest';
import type { Rig, RigOptions } from './rig.ts';
import { addressOf, server } from './rig.ts';
import { dial, serve } from './sockets.ts';
import { type Traits, turnedAway } from './traits.ts';

type MakeRig = (weights: readonly number[], options?: RigOptions) => Promise<Rig>;

/** Each client an address of its own, none of them a server's or the VIP's. */
const client = (n: number): string => `127.1.${n >> 7}.${(n & 127) + 1}`;

const PERSISTENT = { persistenceEntries: 1000, persistenceTimeoutMs: 60_000 };
/** Servers that alternate, so that only persistence brings a client back. */
const ALTERNATING = { settings: { scheduler: 'rr', ...PERSISTENT } } satisfies RigOptions;

/** A client comes back to its server. */
export function persistingContract(rig: MakeRig, traits: Traits): void {
  test('clients of persistence come back to their server, over all ports of the service; others do not', async () => {
    const r = await rig([1, 1, 1], ALTERNATING);
    const first = await Promise.all([0, 1, 2].map((n) => r.ask(client(n))));
    expect(first.toSorted().join('')).toBe('abc');
    const [service] = r.state.services;
    const second = { ...service!.ports[0]!, port: r.port + 50 };
    await r.apply({ ...r.state, services: [{ ...service!, ports: [...service!.ports, second] }] });
    for (const n of [2, 0, 1, 1, 0, 2]) {
      expect(await r.ask(client(n))).toBe(first[n]);
      const other = await r.hold(client(n), second.port);
      expect(other.name).toBe(first[n]);
      other.client?.socket.destroy();
    }
    await r.settle({ persistenceEntries: 0 });
    const later = [await r.ask(client(0)), await r.ask(client(0)), await r.ask(client(0))];
    expect(later.toSorted().join('')).toBe('abc');
  });

  test('a hundred clients that each open ten connections at once have one server each', async () => {
    const r = await rig([1, 1, 1], ALTERNATING);
    const names = await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => ({ n: i % 100, held: await r.hold(client(i % 100)) })),
    );
    for (let n = 0; n < 100; n++) {
      expect(new Set(names.filter((x) => x.n === n).map((x) => x.held.name)).size).toBe(1);
    }
    // The clients were spread evenly, whatever worker they came to.
    expect(['a', 'b', 'c'].map((s) => r.counters(s).active).toSorted()).toEqual([330, 330, 340]);
    expect(r.plane.counters().persistence.get('s')).toMatchObject({ entries: 100, maxEntries: 1000 });
    for (const { held } of names) held.client?.socket.destroy();
    await r.allZero();
  });

  test('an entry lives for the timeout after the last connection, and while there is one', async () => {
    const r = await rig([1, 1], { settings: { ...ALTERNATING.settings, persistenceTimeoutMs: 1000 } });
    const held = await r.hold(client(0));
    const short = await r.hold(client(1));
    short.client?.socket.destroy();
    const entries = () => r.plane.counters().persistence.get('s')?.entries;
    expect(entries()).toBe(2);
    await vi.waitUntil(() => entries() === 1, { timeout: 5000, interval: 20 });
    expect([held.name, await r.ask(client(0)), await r.ask(client(0))]).toEqual(['a', 'a', 'a']);
    held.client?.socket.destroy();
    await vi.waitUntil(() => entries() === 0, { timeout: 5000, interval: 20 });
  });

  // The kernel's own table gives up, near enough, whom it has not seen for longest, and is not as small as this one.
  test.runIf(traits.opensItself)(
    'a full table gives up who has been away for longest; who has connections is not given up',
    async () => {
      const r = await rig([1, 1, 1], { settings: { ...ALTERNATING.settings, persistenceEntries: 2 } });
      const held = await r.hold(client(0));
      expect(await r.ask(client(1))).toBe('b');
      expect(await r.ask(client(2))).toBe('c');
      expect([await r.ask(client(2)), await r.ask(client(0))]).toEqual(['c', 'a']);
      expect(r.plane.counters().persistence.get('s')).toMatchObject({ entries: 2, evicted: 1, notKept: 0 });
      const other = await r.hold(client(2));
      // Nobody is away: the new client is served, and not kept.
      await r.ask(client(3));
      expect(r.plane.counters().persistence.get('s')).toMatchObject({ entries: 2, evicted: 1, notKept: 1 });
      for (const { client: c } of [held, other]) c?.socket.destroy();
    },
  );

  test('an entry to a server that cannot be used is replaced at once, and the client stays where it went', async () => {
    const r = await rig([1, 1], ALTERNATING);
    expect([await r.ask(client(0)), await r.ask(client(1))]).toEqual(['a', 'b']);
    await r.change({ a: { selectable: false } });
    expect(await r.ask(client(0))).toBe('b');
    await r.change({ a: { selectable: true } });
    for (let i = 0; i < 4; i++) expect(await r.ask(client(0))).toBe('b');
  });

  test.runIf(!traits.opensItself)(
    'a table holds no more than it may, however many clients come',
    async () => {
      const r = await rig([1, 1, 1], { settings: { ...ALTERNATING.settings, persistenceEntries: 64 } });
      for (let n = 0; n < 300; n += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, i) => r.ask(client(n + i))));
      }
      const known = r.plane.counters().persistence.get('s');
      expect(known?.entries).toBeLessThanOrEqual(64);
      expect(known?.entries).toBeGreaterThan(16);
      expect((known?.entries ?? 0) + (known?.evicted ?? 0)).toBe(300);
    },
  );

  test.runIf(traits.opensItself)(
    'a connect that is refused takes the client to another server, for its next connections too',
    async () => {
      const r = await rig([1, 1], ALTERNATING);
      expect(await r.ask(client(0))).toBe('a');
      await r.servers.get('a')?.close();
      expect(await r.ask(client(0))).toBe('b');
      expect(await r.ask(client(0))).toBe('b');
      expect(r.counters('a').redispatches).toBe(1);
    },
  );

  test('a server that drains gets its clients only where it keeps them, and then nobody else', async () => {
    const r = await rig([1, 1], ALTERNATING);
    expect(await r.ask(client(0))).toBe('a');
    await r.change({ a: { selectable: false, keepsClients: true } });
    expect([await r.ask(client(0)), await r.ask(client(5)), await r.ask(client(6))]).toEqual(['a', 'b', 'b']);
    // The only server left is one that keeps its clients: they come, others are reset.
    await r.change({ b: { selectable: false } });
    expect(await r.ask(client(0))).toBe('a');
    expect((await r.hold(client(7))).name).toBe(turnedAway(traits));
    await r.change({ a: { keepsClients: false } });
    expect((await r.hold(client(0))).name).toBe('ECONNREFUSED');
  });

  test('a server that comes to the place of one that went is not the server that the client knew', async () => {
    const r = await rig([1, 1], ALTERNATING);
    expect(await r.ask(client(0))).toBe('a');
    const [pool] = r.state.pools;
    await r.apply({ ...r.state, pools: [{ ...pool!, servers: [server('b')] }] });
    await r.startServer('n');
    await r.apply({ ...r.state, pools: [{ ...pool!, servers: [server('b'), server('n')] }] });
    const seen = new Set<string>();
    for (let n = 10; n < 14; n++) seen.add(await r.ask(client(n)));
    expect(seen).toEqual(new Set(['b', 'n']));
    const next = await r.ask(client(0));
    for (let i = 0; i < 3; i++) expect(await r.ask(client(0))).toBe(next);
  });

  test('other changes leave entries alone; a persistence that comes later knows who is there', async () => {
    const r = await rig([1, 1], { settings: { scheduler: 'rr' } });
    const open = await r.hold(client(0));
    await r.settle(PERSISTENT);
    for (let i = 0; i < 3; i++) expect(await r.ask(client(0))).toBe(open.name);
    const other = await r.ask(client(1));
    await r.settle({ idleTimeoutMs: 50_000, persistenceTimeoutMs: 90_000, maxConnections: 500 });
    await r.change({ a: { weight: 7 } });
    for (let i = 0; i < 3; i++) expect(await r.ask(client(1))).toBe(other);
    // Another size is another table, in which the open connections are found again.
    await r.settle({ persistenceEntries: 50 });
    for (let i = 0; i < 3; i++) expect(await r.ask(client(0))).toBe(open.name);
    open.client?.socket.destroy();
    await r.allZero();
  });

  test('IPv6 clients are known as well', async () => {
    const r = await rig([1, 1], ALTERNATING);
    const [service] = r.state.services;
    const settings = { ...service!.settings, pool: traits.opensItself ? 'p' : await poolOfSix(r, traits) };
    const six = {
      name: 'six',
      settings,
      ports: [{ ...service!.ports[0]!, vip: traits.vip6, port: r.port + 50 }],
    };
    await r.apply({ ...r.state, services: [...r.state.services, six] });
    const names = new Set<string>();
    for (let i = 0; i < 4; i++) {
      const c = await dial(traits.vip6, r.port + 50);
      names.add((await c.received(1)).toString());
      c.socket.destroy();
    }
    expect(names.size).toBe(1);
  });

  test('a client that the fallback served comes to a real server when there is one', async () => {
    const r = await rig([1], ALTERNATING);
    const other = await serve({ host: addressOf('z'), port: r.port, greeting: 'z' });
    r.servers.set('z', other);
    const fallback = { address: addressOf('z'), port: null };
    await r.apply({ ...r.state, pools: r.state.pools.map((p) => ({ ...p, fallback })) });
    await r.change({ a: { selectable: false } });
    expect(await r.ask(client(0))).toBe('z');
    await r.change({ a: { selectable: true } });
    expect(await r.ask(client(0))).toBe('a');
  });

  test.each(['sh', 'mh'] as const)(
    '%s: a client comes to one server, many clients to all of them',
    async (scheduler) => {
      const r = await rig([1, 1, 1], { settings: { scheduler } });
      const first = await Promise.all(Array.from({ length: 60 }, (_, n) => r.ask(client(n))));
      expect(new Set(first)).toEqual(new Set(['a', 'b', 'c']));
      expect(await Promise.all(first.map((_, n) => r.ask(client(n))))).toEqual(first);
      await r.change({ b: { selectable: false } });
      const without = await Promise.all(first.map((_, n) => r.ask(client(n))));
      expect(without.filter((name, n) => first[n] !== 'b' && name !== first[n])).toEqual([]);
      expect(without).not.toContain('b');
      await r.change({ b: { selectable: true } });
      expect(await Promise.all(first.map((_, n) => r.ask(client(n))))).toEqual(first);
    },
  );
}

/** A pool of servers of IPv6, for a plane that does not stand between families. */
async function poolOfSix(r: Rig, { servers6 }: Traits): Promise<string> {
  const servers = servers6.map((address, i) => ({ ...server(`six${i}`), address }));
  for (const [i, { name, address }] of servers.entries()) {
    r.servers.set(name, await serve({ host: address, port: r.port, greeting: `${i}` }));
  }
  await r.apply({ ...r.state, pools: [...r.state.pools, { name: 'six', fallback: null, servers }] });
  return 'six';
}

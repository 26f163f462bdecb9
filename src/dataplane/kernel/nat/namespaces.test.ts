/**
 * The table in namespaces, with real connections through it. A rule of a table of the test's own stands in for the
 * program at TC ingress: it sets the mark before our chains see the packet. Needs root.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Arms,
  CLIENT,
  CLIENT6,
  reasonNotToRun,
  type Testbed,
  VIP,
  VIP6,
} from '../testing/namespaces.ts';
import {
  buildTranslating,
  decide,
  MAPPED,
  MAPPED_TO,
  open,
  PORT,
  translation,
} from '../testing/translating.ts';
import { listenAt } from '../testing/wire.ts';
import { markOf, REJECT_MARK } from './mark.ts';
import { applyTranslation, removeTranslation, tableStands } from './table.ts';

const why = reasonNotToRun();
if (why) process.stderr.write(`SKIPPED: translation in namespaces: ${why}\n`);

describe.skipIf(why !== '').each<Arms>(['two-armed', 'one-armed'])('translation, %s', (arms) => {
  let bed: Testbed;

  beforeAll(async () => {
    bed = await buildTranslating(arms);
  }, 30_000);
  afterAll(() => bed?.close());

  it('full NAT: the server sees a source and itself, for TCP and UDP, IPv4 and IPv6', async () => {
    await decide(bed, [[PORT, [markOf(1, 1)]]]);
    const [held] = await open(bed, 1);
    expect(held?.greeting).toMatch(new RegExp(`^${bed.sources[0]} 2\\d{4} ${bed.servers[0]} ${PORT}$`));
    expect(await bed.client.call('echo', { ids: [held?.id ?? -1] })).toBe(1);
    expect(await bed.client.call('datagram', { host: VIP, port: PORT })).toMatch(
      new RegExp(`^${bed.sources[0]} 2\\d{4} ${bed.servers[0]} ${PORT}$`),
    );
    await decide(bed, [[PORT, [markOf(5, 11)]]]);
    const [six] = await open(bed, 1, PORT, VIP6);
    expect(six?.greeting).toMatch(new RegExp(`^${bed.sources6[0]} 2\\d{4} ${bed.servers6[0]} ${PORT}$`));
    expect(await bed.client.call('datagram', { host: VIP6, port: PORT })).toMatch(
      new RegExp(`^${bed.sources6[0]} 2\\d{4} ${bed.servers6[0]} ${PORT}$`),
    );
  });

  it('four sources carry what the marks give each of them, and two servers too', async () => {
    await decide(bed, [[PORT, [markOf(1, 1), markOf(2, 2), markOf(3, 1), markOf(4, 2)]]]);
    const count = new Map<string, number>();
    for (const { greeting } of await open(bed, 100)) {
      const [source, , server] = greeting?.split(' ') ?? [];
      for (const one of [source, server]) count.set(one ?? '', (count.get(one ?? '') ?? 0) + 1);
    }
    expect(bed.sources.map((address) => count.get(address))).toEqual([25, 25, 25, 25]);
    expect(bed.servers.map((address) => count.get(address))).toEqual([50, 50]);
  });

  it('mapped ports', async () => {
    await decide(bed, [[MAPPED, [markOf(1, 3)]]]);
    const [held] = await open(bed, 1, MAPPED);
    expect(held?.greeting).toMatch(new RegExp(` ${bed.servers[0]} ${MAPPED_TO}$`));
    expect(await bed.client.call('datagram', { host: VIP, port: MAPPED })).toMatch(` ${MAPPED_TO}`);
    await decide(bed, [[MAPPED, [markOf(5, 13)]]]);
    const [six] = await open(bed, 1, MAPPED, VIP6);
    expect(six?.greeting).toMatch(new RegExp(` ${bed.servers6[0]} ${MAPPED_TO}$`));
  });

  it('refuses: TCP by a reset, and quietly what has no target', async () => {
    await decide(bed, [[PORT, [REJECT_MARK]]]);
    for (const host of [VIP, VIP6]) {
      const [held] = await open(bed, 1, PORT, host);
      expect(held?.error).toBe('ECONNREFUSED');
      expect(await bed.client.call('datagram', { host, port: PORT })).toBeNull();
    }
    // The mark names a target that nobody has set: no connection and no answer, so that the client asks again.
    await decide(bed, [[PORT, [markOf(1, 999)]]]);
    expect(await bed.client.call('datagram', { host: VIP, port: PORT })).toBeNull();
    await decide(bed, [[PORT, [markOf(99, 1)]]]);
    expect(await bed.client.call('datagram', { host: VIP, port: PORT })).toBeNull();
  });

  it('conntrack keeps the mark and outlasts the idle limit, in half-closed states too', async () => {
    await decide(bed, [[PORT, [markOf(2, 1)]]]);
    const [held] = await open(bed, 1);
    await bed.client.call('datagram', { host: VIP, port: PORT, localPort: 7777 });
    const listed = bed.run(bed.balancer, 'conntrack', '-L', '-o', 'extended');
    const line = (port: number): string =>
      listed.split('\n').find((one) => one.includes(` sport=${port} `)) ?? '';
    expect(line(held?.localPort ?? 0)).toMatch(/ 18[56]\d ESTABLISHED .* mark=1342308353 /);
    expect(line(7777)).toMatch(/udp +17 18[56]\d .* mark=1342308353 /);
  });

  it('replaced again and again under load without losing a connection or refusing one', {
    timeout: 60_000,
  }, async () => {
    await decide(bed, [[PORT, [markOf(1, 1), markOf(2, 2)]]]);
    const held = await open(bed, 100);
    const ids = held.map(({ id }) => id);
    const others = await bed.nft(['list', 'table', 'inet', 'standin']);
    const times = arms === 'two-armed' ? 200 : 20;
    const loads = { replacing: true, failed: 0, opened: 0 };
    const load = (async () => {
      while (loads.replacing) {
        const some = await open(bed, 5);
        loads.opened += some.length;
        loads.failed += some.filter(({ greeting }) => greeting === null).length;
        loads.failed += ids.length - (await bed.client.call('echo', { ids }));
        await bed.client.call('close', { ids: some.map(({ id }) => id) });
      }
    })();
    const whole = translation(bed);
    for (let i = 0; i < times; i += 1) {
      // What changes: a target, a timeout, and the map of a group of sources.
      const targets = [...whole.targets, { number: 500 + i, address: bed.servers[0] ?? '', port: i + 1 }];
      const services = i % 2 ? whole.services : whole.services.map((one) => ({ ...one, idleS: 1200 }));
      const sources = [
        ...whole.sources,
        {
          number: 200,
          address: bed.sources[0] ?? '',
          ports: i % 2 ? null : { first: 30_000, last: 30_000 + i },
        },
      ];
      await applyTranslation({ ...whole, targets, services, sources }, bed.nft);
    }
    loads.replacing = false;
    await load;
    expect(loads.failed).toBe(0);
    expect(loads.opened).toBeGreaterThan(20);
    expect(await bed.client.call('echo', { ids })).toBe(100);
    expect(await bed.client.call('states', { ids })).toEqual(ids.map(() => 'open'));
    expect(await bed.nft(['list', 'table', 'inet', 'standin'])).toEqual(others);
    // Nothing of all that is left behind.
    await applyTranslation(whole, bed.nft);
    const { stdout } = await bed.nft(['list', 'table', 'inet', 'poolgate']);
    expect(stdout).not.toMatch(/1260|sources_ip_30000|sources_ip_any/);
    expect(stdout).toContain('established : 1860, fin_wait : 1860, close_wait : 1860');
  });

  it('tells neither client nor server that they are next to each other', async () => {
    // Redirects come from this address, and none are sent while it is being tried for a duplicate.
    const linkLocal = () =>
      bed.run(bed.balancer, 'ip', '-6', 'address', 'show', 'dev', 'clients', 'scope', 'link');
    await expect.poll(linkLocal, { timeout: 10_000 }).toMatch(/inet6 fe80(?!.*tentative)/);
    const ends = [bed.client, bed.server];
    const heard = await Promise.all(ends.map((who) => listenAt(bed, who, 'eth0', 'icmp or icmp6')));
    for (const [host, mark] of [
      [VIP, markOf(1, 1)],
      [VIP6, markOf(5, 11)],
    ] as const) {
      await decide(bed, [[PORT, [mark]]]);
      const [held] = await open(bed, 1, PORT, host);
      expect(await bed.client.call('echo', { ids: [held?.id ?? -1] })).toBe(1);
    }
    // What comes after it has passed too.
    bed.run(bed.client, 'ping', '-c', '1', VIP);
    bed.run(bed.server, 'ping', '-c', '1', bed.sources[0] ?? '');
    for (const wire of heard) {
      await expect.poll(() => wire.text).toContain('echo reply');
      expect(wire.text).not.toContain('redirect');
      wire.close();
    }
  });

  it('removed, nothing is left, and others keep what they have', async () => {
    const before = bed.run(bed.balancer, 'nft', 'list', 'table', 'inet', 'standin');
    expect(await tableStands(bed.nft)).toBe(true);
    await removeTranslation(bed.nft);
    await removeTranslation(bed.nft);
    expect(await tableStands(bed.nft)).toBe(false);
    expect(bed.run(bed.balancer, 'nft', 'list', 'tables').trim()).toBe('table inet standin');
    expect(bed.run(bed.balancer, 'nft', 'list', 'table', 'inet', 'standin')).toBe(before);
    await applyTranslation(translation(bed), bed.nft);
  });
});

describe.skipIf(why !== '')('translation between two networks', () => {
  let bed: Testbed;

  beforeAll(async () => {
    bed = await buildTranslating('two-armed');
  }, 30_000);
  afterAll(() => bed?.close());

  it("half-NAT: the server sees the client's own address, whatever masquerades behind us", async () => {
    const masquerade = 'chain c {\n type nat hook postrouting priority 100\n masquerade\n}\n';
    await bed.nft(['-f', '-'], `table inet others {\n${masquerade}}\n`);
    await decide(bed, [[PORT, [markOf(0, 1)]]]);
    const [held] = await open(bed, 1);
    expect(held?.greeting).toBe(`${CLIENT} ${held?.localPort} ${bed.servers[0]} ${PORT}`);
    expect(await bed.client.call('datagram', { host: VIP, port: PORT, localPort: 7001 })).toBe(
      `${CLIENT} 7001 ${bed.servers[0]} ${PORT}`,
    );
    await decide(bed, [[PORT, [markOf(0, 11)]]]);
    const [six] = await open(bed, 1, PORT, VIP6);
    expect(six?.greeting).toBe(`${CLIENT6} ${six?.localPort} ${bed.servers6[0]} ${PORT}`);
    await bed.nft(['delete', 'table', 'inet', 'others']);
  });

  it('a container that publishes the port on all addresses does not take it from the VIP', async () => {
    const dnat = `chain c {\n type nat hook prerouting priority -100\n tcp dport ${PORT} dnat ip to 192.0.2.99\n}\n`;
    await bed.nft(['-f', '-'], `table inet others {\n${dnat}}\n`);
    await decide(bed, [[PORT, [markOf(1, 1)]]]);
    expect((await open(bed, 1))[0]?.greeting).toContain(` ${bed.servers[0]} ${PORT}`);
    await decide(bed, [[PORT, [REJECT_MARK]]]);
    expect((await open(bed, 1))[0]?.error).toBe('ECONNREFUSED');
    await bed.nft(['delete', 'table', 'inet', 'others']);
  });

  it('forwards what the filter allows and nothing else, but always our own connections', async () => {
    await decide(bed, [[PORT, [markOf(0, 1)]]]);
    const interfaces = bed.interfaces;
    const rules = [
      {
        from: '192.0.2.0/24',
        to: bed.servers[0],
        protocol: 'tcp' as const,
        ports: { first: 4000, last: 4999 },
      },
    ];
    const direct = (port: number) => bed.client.call('connect', { host: bed.servers[0] ?? '', port });
    const pings = () =>
      bed
        .run(bed.client, 'sh', '-c', `ping -c 1 -W 1 ${bed.servers[0]} >/dev/null && echo yes || echo no`)
        .trim();
    expect(((await direct(MAPPED_TO)).greeting ?? '').split(' ')[0]).toBe(CLIENT);
    expect(pings()).toBe('yes');

    await applyTranslation(
      { ...translation(bed), forwarding: { allow: 'rules', interfaces, rules } },
      bed.nft,
    );
    expect((await direct(MAPPED_TO)).greeting).not.toBeNull();
    expect((await open(bed, 1))[0]?.greeting).not.toBeNull();
    expect(pings()).toBe('no');
    const icmp = [...rules, { protocol: 'icmp' as const }];
    await applyTranslation(
      { ...translation(bed), forwarding: { allow: 'rules', interfaces, rules: icmp } },
      bed.nft,
    );
    expect(pings()).toBe('yes');

    await applyTranslation({ ...translation(bed), forwarding: { allow: 'nothing', interfaces } }, bed.nft);
    expect((await open(bed, 1))[0]?.greeting).not.toBeNull();
    expect(pings()).toBe('no');

    // As if the servers' side were none of ours: what forwards for our sake lets nobody get there.
    const closed = { interfaces: ['clients'], ipv4: ['clients'], ipv6: 'machine' as const };
    await applyTranslation({ ...translation(bed), forwarding: { allow: 'all', closed } }, bed.nft);
    expect((await open(bed, 1))[0]?.greeting).not.toBeNull();
    expect(pings()).toBe('no');
  });

  it('both SYNs of a connection say how large segments may be on the narrower way', async () => {
    await decide(bed, [[PORT, [markOf(1, 1)]]]);
    bed.run(bed.balancer, 'ip', 'link', 'set', 'servers', 'mtu', '1300');
    const [held] = await open(bed, 1);
    const shown = bed.run(bed.client, 'ss', '-tinH', 'sport', '=', `:${held?.localPort}`);
    bed.run(bed.balancer, 'ip', 'link', 'set', 'servers', 'mtu', '1500');
    expect(Number(/ mss:(\d+)/.exec(shown)?.[1])).toBeLessThanOrEqual(1260);
  });
});

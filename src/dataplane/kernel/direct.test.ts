/** Direct server return in namespaces: the servers have the VIP themselves and answer past the balancer. Needs root and clang. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DesiredState, PlanePool, PlaneService } from '../dataplane.ts';
import { EMPTY_STATE } from '../dataplane.ts';
import { diffDesired } from '../diff.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from '../plain.ts';
import { reasonNotToRun as noPrograms } from './bpf/test-balancer.ts';
import { HostedPlane } from './testing/hosted-plane.ts';
import {
  buildTestbed,
  CLIENT,
  CLIENT6,
  reasonNotToRun as noNamespaces,
  type Testbed,
  VIP,
  VIP6,
} from './testing/namespaces.ts';

const why = noNamespaces() || noPrograms();
if (why) process.stderr.write(`SKIPPED: direct server return in namespaces: ${why}\n`);

const PORT = 5061;

function pool(name: string, addresses: readonly string[]): PlanePool {
  const servers = addresses.map((address, i) => ({
    ...PLAIN_SERVER,
    name: `s${i}`,
    address,
    weight: 1,
    selectable: true,
  }));
  return { name, fallback: null, servers };
}

function service(name: string, vip: string): PlaneService {
  return {
    name,
    settings: {
      ...PLAIN_SERVICE,
      pool: name,
      nat: 'none',
      scheduler: 'wlc',
      redispatch: true,
      snat: null,
      connectTimeoutMs: 4000,
      idleTimeoutMs: 60_000,
      udpIdleMs: 60_000,
    },
    ports: (['tcp', 'udp'] as const).map((protocol) => ({ vip, protocol, port: PORT, serverPort: PORT })),
  };
}

describe.skipIf(Boolean(why))('direct server return', () => {
  let bed: Testbed;
  let plane: HostedPlane;

  beforeAll(async () => {
    bed = await buildTestbed('one-armed');
    // So that nobody but the balancer is asked for the VIP's address on the link.
    for (const setting of ['arp_ignore=1', 'arp_announce=2']) {
      bed.run(bed.server, 'sysctl', '-qw', `net.ipv4.conf.all.${setting}`);
    }
    for (const vip of [`${VIP}/32`, `${VIP6}/128`])
      bed.run(bed.server, 'ip', 'address', 'add', vip, 'dev', 'lo');
    for (const host of [VIP, VIP6]) await bed.server.call('serve', { host, ports: [PORT] });
    plane = await HostedPlane.start(bed.balancer.namespace, {
      interfaces: bed.interfaces,
      serversInterface: bed.interfaces[1] ?? null,
      forwarding: { allow: 'all' },
      noRedirects: [],
      connections: 20_000,
      runFolder: null,
      pins: null,
    });
    await plane.apply(diffDesired(EMPTY_STATE, balanced()));
  }, 30_000);
  afterAll(async () => {
    await plane?.end().catch(() => {});
    bed?.close();
  });

  function balanced(): DesiredState {
    return {
      pools: [pool('four', bed.servers), pool('six', bed.servers6)],
      services: [service('four', VIP), service('six', VIP6)],
    };
  }

  async function active(): Promise<number[]> {
    return [...(await plane.counters()).servers.values()].map((server) => server.active);
  }

  it.each([
    [VIP, CLIENT],
    [VIP6, CLIENT6],
  ])(
    '%s: the server sees the client and the VIP; what it says past us is counted by what is acknowledged',
    async (vip, client) => {
      const held = await Promise.all(
        Array.from({ length: 20 }, () => bed.client.call('connect', { host: vip, port: PORT })),
      );
      for (const { greeting, localPort } of held)
        expect(greeting).toBe(`${client} ${localPort} ${vip} ${PORT}`);
      expect((await active()).filter((count) => count > 0)).toEqual([10, 10]);
      const ids = held.map(({ id }) => id);
      expect(await bed.client.call('echo', { ids })).toBe(20);
      const [one] = await plane.connections({ vip });
      expect(one).toMatchObject({ bytesIn: 5 });
      expect(one?.bytesOut).toBeGreaterThan(20);
      await bed.client.call('close', { ids });
      await expect.poll(active, { timeout: 5000 }).toEqual([0, 0, 0, 0]);
      // Nothing of it went through the balancer's translation.
      expect(await bed.inBalancer('dump')).toEqual([]);
    },
  );

  it('datagrams reach the server as their client sent them', async () => {
    const said = await bed.client.call('datagram', { host: VIP, port: PORT, localPort: 40_000 });
    expect(said).toBe(`${CLIENT} 40000 ${VIP} ${PORT}`);
  });

  it('one that is killed is reset at its client', async () => {
    const held = await bed.client.call('connect', { host: VIP, port: PORT });
    const listed = await plane.connections({ vip: VIP });
    const mine = listed.find(({ client }) => client === `${held.local}:${held.localPort}`);
    expect(await plane.reset({ id: mine?.id ?? '' })).toBe(1);
    await expect.poll(() => bed.client.call('states', { ids: [held.id] })).toEqual(['ECONNRESET']);
  });
});

/**
 * The balancer as a cable between clients and servers of one network: the VIP is balanced, and everything else passes as
 * if nobody stood between. The proxy plane cannot bridge.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf, TRANSPARENT } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { cachedMac, macOf } from '../../net/neighbours.ts';
import { VIP } from '../../net/network.ts';
import { machineState } from '../../net/machine-state.ts';
import { Capture } from '../../net/capture.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';

const plane = 'kernel';
/** What a machine of the lab gives its packets; a router would take one off. */
const HOPS = 64;

onOnePlane(plane, 'a transparent bridge', () => {
  let lab: Lab;
  let balancer: Balancer;
  let before: string;

  beforeAll(async () => {
    lab = await buildLab({ plane, arms: 'transparent', ports: [443, 5061] });
    before = await machineState(lab.network.balancer);
    const [cut] = await pings();
    if (cut?.code === 0) throw new Error('the two halves of the network are joined already');
    const servers = serversOf(lab.network.servers);
    balancer = await lab.balance(labConfig({ plane, topology: TRANSPARENT, servers }));
  });
  afterAll(() => lab?.close());

  async function pings(): Promise<{ code: number | null; stdout: string }[]> {
    const { client } = lab.network;
    const server = lab.network.server(1);
    const once = (to: string) => client.run('ping', ['-c', '1', '-W', '2', to]);
    return Promise.all([once(server.ipv4), once(server.ipv6)]);
  }

  it('the VIP is balanced', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 30, command: 'echo' });
    expect(byServer(held)).toEqual({ fe01: 10, fe02: 10, fe03: 10 });
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
    expect((await balancer.servers()).map((row) => row.active)).toEqual([10, 10, 10]);
    await lab.crowd.close();
  });

  it('ping, ARP and neighbour solicitations pass, and the servers’ own addresses are behind them', async () => {
    const { client } = lab.network;
    const server = lab.network.server(1);
    const asked = await Capture.on(server, 'icmp6 and ip6[40] = 135', [
      'ipv6.src',
      'icmpv6.nd.ns.target_address',
    ]);
    for (const address of [server.ipv4, server.ipv6])
      await client.run('ip', ['neighbour', 'del', address, 'dev', 'eth0']);
    for (const { code, stdout } of await pings()) {
      expect(code, stdout).toBe(0);
      expect(stdout).toContain(`ttl=${HOPS} `);
    }
    const mac = await macOf(server);
    expect(await cachedMac(client, server.ipv4)).toBe(mac);
    expect(await cachedMac(client, server.ipv6)).toBe(mac);
    await waitFor('the solicitation to be captured', () =>
      asked.rows().some(([from, about]) => from === client.ipv6 && about === server.ipv6),
    );
    await asked.close();
  });

  it('TCP to a server passes with both addresses as they are', async () => {
    const { client } = lab.network;
    const server = lab.network.server(2);
    const seen = await Capture.on(server, 'tcp port 443', ['ip.src', 'ip.dst', 'ip.ttl']);
    const held = await lab.crowd.open({ host: server.ipv4, port: 443, count: 3, command: 'echo' });
    expect(byServer(held)).toEqual({ fe02: 3 });
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
    await waitFor('packets to be captured', () => seen.rows().length > 9);
    expect(seen.rows()).toContainEqual([client.ipv4, server.ipv4, String(HOPS)]);
    expect(await balancer.active()).toBe(0);
    await lab.crowd.close();
    await seen.close();
  });

  it('without the program the cable is cut, and the machine is as it was', async () => {
    await balancer.stop();
    const [done] = await pings();
    expect(done?.code).not.toBe(0);
    expect(await machineState(lab.network.balancer)).toBe(before);
  });
});

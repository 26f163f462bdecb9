/** VIPs that something else takes away, and a link that goes and comes back; all without Poolgate being told. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { addressesOf, cachedMac, giveAddress, learn, macOf, takeAddress } from '../../net/neighbours.ts';
import { VIP, VIP6 } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';

/** Each look may be a process of its own. */
const LOOK = { timeoutMs: 30_000, everyMs: 500 };

// On one plane: who keeps the addresses is the same for both, and these wait for tens of seconds.
onOnePlane('proxy', 'addresses that are lost', () => {
  const plane = 'proxy';
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061], vips: false });
    const services = [VIP, VIP6].map((vip, i) => ({
      name: `ocs${i}`,
      vip,
      pool: ['ocspool', 'six'][i],
      ports: [5061],
    }));
    const tree = labConfig({ plane, servers: serversOf(lab.network.servers) });
    const [pool] = tree['pools'] as ConfigTree[];
    const realServers = lab.network.servers.map((host) => ({ name: host.role, address: host.ipv6 }));
    balancer = await lab.balance({
      ...tree,
      topology: { interface: 'eth0' },
      pools: [pool, { ...pool, name: 'six', realServers }],
      virtualServices: services,
    });
  });
  afterAll(() => lab?.close());

  async function serves(): Promise<void> {
    for (const host of [VIP, VIP6]) {
      const [state] = await lab.crowd.open({ host, port: 5061, count: 1, command: 'echo' });
      expect(state?.error, host).toBeNull();
    }
    await lab.crowd.close();
  }

  it('are put back, and serve as before', async () => {
    await takeAddress(lab.network.balancer, `${VIP}/32`);
    await takeAddress(lab.network.balancer, `${VIP6}/128`);
    await waitFor(
      'both to be there again',
      async () => {
        const all = await addressesOf(lab.network.balancer);
        return all.includes(`${VIP}/32`) && all.includes(`${VIP6}/128`);
      },
      LOOK,
    );
    await serves();
    const events = (await balancer.events()).filter((e) => e.message.includes('by somebody else'));
    expect(events).toHaveLength(2);
  });

  it('a link that is down is the first thing that status says; when it is back, the VIPs are announced', async () => {
    const { client, balancer: host } = lab.network;
    await host.must('ip', ['link', 'set', 'eth0', 'down']);
    await waitFor(
      'status to say so',
      async () => {
        const said = (await balancer.cli('status')).stdout;
        return said.startsWith('DOWN') && said.includes(`nobody reaches ${VIP}`);
      },
      LOOK,
    );
    await client.must('ip', ['neighbour', 'flush', 'dev', 'eth0']);
    await client.must('ip', [
      'neighbour',
      'replace',
      VIP,
      'lladdr',
      '02:00:5e:00:53:99',
      'dev',
      'eth0',
      'nud',
      'stale',
    ]);
    await host.must('ip', ['link', 'set', 'eth0', 'up']);
    // The kernel drops the IPv6 addresses of a link that goes down; ours is put back, the machine's own is not.
    await host.must('ip', ['address', 'replace', '2001:db8::5/64', 'dev', 'eth0', 'nodad']);
    const mac = await macOf(host);
    await waitFor('the client to be told', async () => (await cachedMac(client, VIP)) === mac, LOOK);
    await waitFor('IPv6 too', async () => (await addressesOf(host)).includes(`${VIP6}/128`), LOOK);
    await learn(client, VIP6);
    expect(await cachedMac(client, VIP6)).toBe(mac);
    await serves();
    await waitFor(
      'status to be well',
      async () => (await balancer.cli('status')).stdout.startsWith('OK'),
      LOOK,
    );
  });

  // It takes a minute, and the keeper of the addresses is the same on both planes.
  it('another machine that takes them too is named', async () => {
    const other = lab.network.server(3);
    const mac = await macOf(other);
    await giveAddress(other, `${VIP}/24`);
    await giveAddress(other, `${VIP6}/64`);
    const text = await waitFor(
      'status to name it',
      async () => {
        const said = (await balancer.cli('status')).stdout;
        return said.includes(`another machine has ${VIP} too (${mac})`) && said.includes(VIP6) ? said : null;
      },
      { timeoutMs: 90_000, everyMs: 500 },
    );
    expect(text).toMatch(/^DEGRADED {2}Another machine has 2 VIPs too/);
  });
});

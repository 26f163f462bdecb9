/**
 * Direct server return: the balancer gives packets to a server by its MAC, and the server, which has the VIP too, answers
 * past it. The proxy plane ends connections at itself.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Balancer } from '../../balancer/balancer.ts';
import { labConfig, onPlane, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { macOf } from '../../net/neighbours.ts';
import { VIP } from '../../net/network.ts';
import { Capture } from '../../net/capture.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';

const plane = 'kernel';

onOnePlane(plane, 'direct server return', () => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [443, 5061] });
    for (const server of lab.network.servers) {
      // The server takes what is for the VIP, and nobody learns by ARP that it has it.
      const quiet = ['arp_ignore 1', 'arp_announce 2'].map((setting) => setting.split(' '));
      for (const [name, value] of quiet)
        await server.must('sh', ['-c', `echo ${value} > /proc/sys/net/ipv4/conf/all/${name}`]);
      await server.must('ip', ['address', 'add', `${VIP}/32`, 'dev', 'lo']);
    }
    const servers = serversOf(lab.network.servers, [1, 2, 3]);
    balancer = await lab.balance(
      labConfig({ plane, servers, ports: [443], checkPorts: [5061], service: { nat: 'none' } }),
    );
  });
  afterAll(() => lab?.close());

  it('is spread by weight, and works', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 443, count: 60, command: 'echo' });
    expect(byServer(held)).toEqual({ fe01: 10, fe02: 20, fe03: 30 });
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
    const peers = (await lab.standIn(1).openConversations(443)).map(({ peer }) => peer.split('|')[0]);
    expect(new Set(peers)).toEqual(new Set([`::ffff:${lab.network.client.ipv4}`]));
    expect((await balancer.servers()).map((row) => row.active)).toEqual([10, 20, 30]);
    await lab.crowd.close();
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  });

  it('answers come from the servers’ own interfaces, and requests pass the balancer', async () => {
    const seen = await Capture.on(lab.network.client, 'tcp port 443', ['eth.src', 'eth.dst', 'ip.src']);
    const held = await lab.crowd.open({ host: VIP, port: 443, count: 6, command: 'echo' });
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
    await waitFor('packets to be captured', () => seen.rows().length > 30);
    const macs = await Promise.all(lab.network.servers.map(macOf));
    const answers = seen.rows().filter((row) => row[2] === VIP);
    const requests = seen.rows().filter((row) => row[2] === lab.network.client.ipv4);
    expect([...new Set(answers.map(([from]) => from))].toSorted()).toEqual(macs.toSorted());
    expect([...new Set(requests.map((row) => row[1]))]).toEqual([await macOf(lab.network.balancer)]);
    await lab.crowd.close();
    await seen.close();
  });

  it('no server: connects are refused', async () => {
    for (const name of ['fe01', 'fe02', 'fe03']) await balancer.setAdmin(name, 'drain');
    const [tried] = await lab.crowd.open({ host: VIP, port: 443, count: 1 });
    expect(tried?.error).toBe('ECONNREFUSED');
    for (const name of ['fe01', 'fe02', 'fe03']) await balancer.setAdmin(name, 'ready');
    await lab.crowd.close();
  });

  it('the profile of Office Communications Server refuses it, by the number of the rule', async () => {
    const profile = 'ocs-2007-r2/enterprise-pool';
    const realServers = serversOf(lab.network.servers);
    const config = {
      version: 1,
      ...onPlane(plane),
      pools: [{ name: 'ocspool', profile, realServers }],
      virtualServices: [{ name: 'ocs', vip: VIP, pool: 'ocspool', nat: 'none' }],
    };
    await balancer.writeFile('dsr.yaml', config);
    const checked = await balancer.cli('check', balancer.path('dsr.yaml'));
    expect(checked.code).toBe(1);
    expect(checked.stdout + checked.stderr).toContain('R19');
    const answer = await balancer.apply(config);
    expect(answer.status).toBe(422);
    expect(answer.body).toContain('R19');
  });
});

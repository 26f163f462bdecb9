/**
 * STUN tells a client the address that the server saw: with half-NAT its own, as a media relay needs it; with full-NAT
 * that of the balancer. coturn behind the VIP, its own client before it. Half-NAT is the kernel plane's.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf, TWO_ARMED } from '../../balancer/config.ts';
import { StunCrowd } from '../../clients/stun-crowd.ts';
import { VIP } from '../../net/network.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';
import { Coturn, STUN_PORT } from '../../servers/coturn.ts';

const plane = 'kernel';
const SNAT = '192.168.0.60';

onOnePlane(plane, 'what STUN tells', () => {
  let lab: Lab;
  let clients: StunCrowd;

  beforeAll(async () => {
    lab = await buildLab({ plane, arms: 'two-armed' });
    const { client, servers, directory } = lab.network;
    for (const host of servers) await Coturn.start(host, directory);
    clients = await StunCrowd.start(client);
  });
  afterAll(() => lab?.close());

  function start(service: ConfigTree): Promise<Balancer> {
    return lab.balance(
      labConfig({
        plane,
        topology: TWO_ARMED,
        servers: serversOf(lab.network.servers),
        ports: [STUN_PORT, { port: STUN_PORT, protocol: 'udp' }],
        pool: { healthChecks: [{ type: 'stun', port: STUN_PORT }] },
        service,
      }),
    );
  }

  /** The address and port of the answer to coturn's own client. */
  async function reflexive(...options: string[]): Promise<string | undefined> {
    const done = await lab.network.client.run('turnutils_stunclient', [
      ...options,
      '-p',
      `${STUN_PORT}`,
      VIP,
    ]);
    expect(done.code, done.stdout + done.stderr).toBe(0);
    return /reflexive addr: (\S+)/.exec(done.stdout)?.[1];
  }

  it('half-NAT: the client itself, address and port', async () => {
    const balancer = await start({ nat: 'half' });
    const { ipv4 } = lab.network.client;
    const asked = await clients.open({ host: VIP, port: STUN_PORT, count: 30, from: [ipv4] });
    expect(asked.map((one) => one.seen)).toEqual(asked.map((one) => one.local));
    expect((await balancer.servers()).map((row) => row.active)).toEqual([10, 10, 10]);
    expect(await reflexive()).toMatch(new RegExp(`^${ipv4}:`));
    await clients.close();
  });

  it('full-NAT: the SNAT address', async () => {
    const balancer = await start({ nat: 'full', snatPool: [SNAT] });
    const asked = await clients.open({
      host: VIP,
      port: STUN_PORT,
      count: 30,
      from: [lab.network.client.ipv4],
    });
    const seen = asked.map((one) => one.seen);
    expect(new Set(seen.map((one) => one?.split(':')[0]))).toEqual(new Set([SNAT]));
    expect(seen.toSorted()).toEqual((await balancer.connections()).map((row) => row.source).toSorted());
    expect(await reflexive()).toMatch(new RegExp(`^${SNAT}:`));
    await clients.close();
  });

  it('the profile of A/V Edge: the client itself, with no word of NAT in the file', async () => {
    const { client, servers } = lab.network;
    // coturn stands in for the Edge Servers and has no TCP 443, which the profile's own check asks.
    const healthChecks = [{ type: 'stun', port: STUN_PORT }];
    await lab.balance({
      version: 1,
      dataPlane: plane,
      topology: TWO_ARMED,
      pools: [
        { name: 'av', profile: 'sfb-2019/edge-external-av', healthChecks, realServers: serversOf(servers) },
      ],
      virtualServices: [{ name: 'av', vip: VIP, pool: 'av' }],
    });
    const asked = await clients.open({ host: VIP, port: STUN_PORT, count: 9, from: [client.ipv4] });
    expect(asked.map((one) => one.seen)).toEqual(asked.map((one) => one.local));
    await clients.close();
  });
});

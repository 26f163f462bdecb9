/**
 * Two arms: what passes between the two networks beside connections through the VIP. Clients reach media ports of the
 * servers, and servers the directory, only where the config says so. The proxy plane forwards nothing.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfigTree, labConfig, serversOf, TWO_ARMED } from '../../balancer/config.ts';
import { Crowd } from '../../clients/crowd.ts';
import { SERVERS_NETWORK } from '../../net/arms.ts';
import type { Host } from '../../net/host.ts';
import { VIP } from '../../net/network.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';
import { StandIn } from '../../servers/stand-in.ts';

const plane = 'kernel';
const MEDIA = 50_001;
const DIRECTORY = 135;

/** Whether a connect from one network into the other is answered. */
async function reaches(crowd: Crowd, host: string, port: number): Promise<boolean> {
  const [tried] = await crowd.open({ host, port, count: 1, command: 'echo', timeoutMs: 700 });
  await crowd.close(undefined, 'reset');
  return tried?.server !== null;
}

async function pings(from: Host, to: Host): Promise<boolean> {
  const done = await from.run('ping', ['-c', '1', '-W', '1', to.ipv4]);
  return done.code === 0;
}

onOnePlane(plane, 'routing between two arms', () => {
  let lab: Lab;
  let onServer: Crowd;

  beforeAll(async () => {
    lab = await buildLab({ plane, arms: 'two-armed', ports: [443, 5061, MEDIA] });
    // The directory stands in the clients' network.
    await StandIn.start(lab.network.client, [DIRECTORY]);
    onServer = await Crowd.start(lab.network.server(1));
  });
  afterAll(() => lab?.close());

  async function start(topology: ConfigTree): Promise<void> {
    const servers = serversOf(lab.network.servers);
    await lab.balance(labConfig({ plane, topology: { ...TWO_ARMED, ...topology }, servers }));
  }

  async function passing(): Promise<Record<string, boolean>> {
    const { client, servers } = lab.network;
    const server = lab.network.server(1);
    expect(servers.length).toBe(3);
    return {
      vip: await reaches(lab.crowd, VIP, 5061),
      media: await reaches(lab.crowd, server.ipv4, MEDIA),
      web: await reaches(lab.crowd, server.ipv4, 443),
      directory: await reaches(onServer, client.ipv4, DIRECTORY),
      pingIn: await pings(client, server),
      pingOut: await pings(server, client),
    };
  }

  const NOTHING = { media: false, web: false, directory: false, pingIn: false, pingOut: false };
  const ALL = { media: true, web: true, directory: true, pingIn: true, pingOut: true };

  it('routing: false: only the VIP', async () => {
    await start({ routing: false });
    expect(await passing()).toEqual({ ...NOTHING, vip: true });
  });

  it('routing: true: everything, in both directions', async () => {
    await start({ routing: true });
    expect(await passing()).toEqual({ ...ALL, vip: true });
  });

  it('with a filter: what it allows, answers to that, and the VIP', async () => {
    const filter = [
      { protocol: 'tcp', to: SERVERS_NETWORK, ports: '50000-50019' },
      { protocol: 'tcp', from: SERVERS_NETWORK, ports: '135-135' },
      { protocol: 'icmp', from: '10.0.0.0/24' },
    ];
    await start({ routing: true, filter });
    expect(await passing()).toEqual({ ...NOTHING, vip: true, media: true, directory: true, pingIn: true });
  });

  it('without any virtual service it is a router', async () => {
    await lab.balance({
      version: 1,
      dataPlane: plane,
      topology: { ...TWO_ARMED, routing: true },
      pools: [],
      virtualServices: [],
    });
    expect(await passing()).toEqual({ ...ALL, vip: false });
  });

  it('after the end nothing is forwarded any more', async () => {
    const balancer = await lab.balance(
      labConfig({
        plane,
        topology: { ...TWO_ARMED, routing: true },
        servers: serversOf(lab.network.servers),
      }),
    );
    await balancer.stop();
    expect(await passing()).toEqual({ ...NOTHING, vip: false });
  });
});

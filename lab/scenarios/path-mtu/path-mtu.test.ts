/**
 * A link of 1,300 bytes between two routers behind the balancer. Who sends more is told by the router before the link, by
 * a message about an address that only the balancer can translate back; without it the connection would hang at its first
 * full segment. The proxy plane ends connections at itself, so nobody's message passes through it.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patternDigest } from '../../agent/pattern.ts';
import { type ConfigTree, labConfig, TWO_ARMED } from '../../balancer/config.ts';
import type { Host } from '../../net/host.ts';
import { ipBatch, VIP, VIP6 } from '../../net/network.ts';
import { Capture } from '../../net/capture.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';
import { StandIn } from '../../servers/stand-in.ts';

const plane = 'kernel';
const MTU = 1300;
const BYTES = 3_000_000;
/** The server is not in the network that an address for the servers would name. */
const { serverAddress: _, ...topology } = TWO_ARMED;
const FAR = '172.16.0.51';
const FAR6 = '2001:db8:2::51';

function addresses(host: Host): string[] {
  return [`addr add ${host.ipv4}/24 dev eth0`, `addr add ${host.ipv6}/64 dev eth0 nodad`];
}

function slow(last: number): string[] {
  const own = [`addr add 10.99.0.${last}/24 dev wan`, `addr add 2001:db8:99::${last}/64 dev wan nodad`];
  return [`link set wan mtu ${MTU}`, ...own];
}

/** balancer ── br1 ── near router ══ 1300 ══ far router ── server */
async function farServer({ network }: Lab): Promise<Host> {
  const near = await network.add('near', '192.168.0.6', '2001:db8:1::6');
  const far = await network.add('far', '172.16.0.1', '2001:db8:2::1');
  const server = await network.add('fe09', FAR, FAR6);
  await network.wire(near, 'eth0', 'br1');
  await network.wire(near, 'wan', { host: far, name: 'wan' });
  await network.wire(far, 'eth0', { host: server, name: 'eth0' });
  for (const router of [near, far]) {
    for (const name of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'])
      await router.must('sh', ['-c', `echo 1 > /proc/sys/net/${name}`]);
  }
  const byNear = ['route add default via 192.168.0.5', 'route add default via 2001:db8:1::5'];
  const toFar = ['route add 172.16.0.0/24 via 10.99.0.2', 'route add 2001:db8:2::/64 via 2001:db8:99::2'];
  await ipBatch([...addresses(near), ...slow(1), ...byNear, ...toFar], near.namespace);
  const back = ['route add default via 10.99.0.1', 'route add default via 2001:db8:99::1'];
  await ipBatch([...addresses(far), ...slow(2), ...back], far.namespace);
  const byFar = ['route add default via 172.16.0.1', 'route add default via 2001:db8:2::1'];
  await ipBatch([...addresses(server), ...byFar], server.namespace);
  const out = ['route add 172.16.0.0/24 via 192.168.0.6', 'route add 2001:db8:2::/64 via 2001:db8:1::6'];
  await ipBatch(out, network.balancer.namespace);
  return server;
}

function config(nat: string): ConfigTree {
  const tree = labConfig({
    plane,
    topology,
    servers: [{ name: 'fe09', address: FAR }],
    service: { nat },
  });
  const [pool] = tree['pools'] as ConfigTree[];
  const six = { ...pool, name: 'six', realServers: [{ name: 'fe09', address: FAR6 }] };
  const service = { name: 'six', vip: VIP6, pool: 'six', ports: [5061], nat };
  return {
    ...tree,
    pools: [pool, six],
    virtualServices: [...(tree['virtualServices'] as object[]), service],
  };
}

onOnePlane(plane, 'a smaller path MTU behind the balancer', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await buildLab({ plane, arms: 'two-armed', servers: 0, ports: [] });
    await StandIn.start(await farServer(lab), [5061]);
  });
  afterAll(() => lab?.close());

  /** What machines have learned of the path is forgotten, so that they have to be told again. */
  async function forget(): Promise<void> {
    for (const host of lab.network.hosts) {
      await host.must('ip', ['route', 'flush', 'cache']);
      await host.must('ip', ['-6', 'route', 'flush', 'cache']);
    }
  }

  async function transfer(host: string, command: string, bytes = 0): Promise<string> {
    const id = await lab.crowd.startTalk({ host, port: 5061, command, bytes });
    const talk = await waitFor('the transfer to be over', async () => {
      const [now] = await lab.crowd.talks([id]);
      return now?.closed ? now : null;
    });
    expect(talk.error).toBeNull();
    return bytes > 0 ? talk.text.trim() : `${talk.received} ${talk.digest}`;
  }

  for (const nat of ['full', 'half']) {
    for (const [family, vip, filter, fields] of [
      ['IPv4', VIP, 'icmp[0] = 3 and icmp[1] = 4', ['ip.dst', 'icmp.mtu']],
      ['IPv6', VIP6, 'icmp6 and ip6[40] = 2', ['ipv6.dst', 'icmpv6.mtu']],
    ] as const) {
      it(`${nat}-NAT, ${family}: every byte arrives both ways, and the client is told of the VIP's path`, async () => {
        await lab.balance(config(nat));
        await forget();
        const told = await Capture.on(lab.network.client, filter, fields);
        const whole = `${BYTES} ${patternDigest(BYTES)}`;
        expect(await transfer(vip, 'sink', BYTES)).toBe(whole);
        expect(await transfer(vip, `send ${BYTES}`)).toBe(whole);
        await waitFor('the message to be captured', () => told.rows().length > 0);
        // The outer header is for the client, the inner one is the client's own packet, to the VIP.
        const { ipv4, ipv6 } = lab.network.client;
        const own = family === 'IPv4' ? ipv4 : ipv6;
        expect(told.rows()).toContainEqual([`${own},${vip}`, String(MTU)]);
        await told.close();
      });
    }
  }
});

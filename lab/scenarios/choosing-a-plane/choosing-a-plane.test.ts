/**
 * Which data plane runs, and what is left of another one: by itself the kernel where it can, refused where a part is missing
 * that the config needs, and nothing of a killed one stays when the proxy takes its place.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';

const plane = 'kernel';
const TWO = { mode: 'two-armed', clientInterface: 'eth0', serverInterface: 'eth1' };

/** All that a data plane changes on the balancer's machine. */
const LOOK = [
  'sysctl -a 2>/dev/null | grep -E "forwarding|accept_ra "',
  'ip -br address',
  'ip route',
  'nft list ruleset',
  'tc qdisc',
  'ls /sys/fs/bpf',
].join('; ');

function isRepair(detail: unknown): boolean {
  return /made again|attached again|set to 1 again/.test(String(detail));
}

onOnePlane(plane, 'choosing a data plane', () => {
  let lab: Lab;
  let before: string;

  beforeAll(async () => {
    lab = await buildLab({ plane, arms: 'two-armed', vips: false, ports: [5061] });
    before = await look();
  });
  afterAll(() => lab?.close());

  function look(): Promise<string> {
    return lab.network.balancer.must('sh', ['-c', LOOK]);
  }

  function config(topology: ConfigTree = TWO, dataPlane = 'auto'): ConfigTree {
    return { ...labConfig({ plane, servers: serversOf(lab.network.servers) }), topology, dataPlane };
  }

  async function serves(): Promise<void> {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 3, command: 'echo' });
    expect(held.map(({ error }) => error)).toEqual([null, null, null]);
    await lab.crowd.close();
  }

  it('auto is the kernel with both arms given, and the first line of the log says why', async () => {
    const balancer = await lab.balance(config());
    expect(balancer.log()[0]).toMatchObject({
      dataPlane: 'kernel',
      reason: 'auto: this machine can run it, on eth0 and eth1',
    });
    await serves();
    await balancer.stop();
    expect(await look()).toBe(before);
  });

  it('auto is the proxy where servers are reached by an interface that is not named', async () => {
    const balancer = await lab.balance(config({ interface: 'eth0' }));
    expect(balancer.log()[0]).toMatchObject({
      dataPlane: 'proxy',
      reason: expect.stringMatching(/^auto: ocspool\/fe01 \(\S+\) is reached by eth1, and not by eth0/),
    });
    await serves();
    await balancer.stop();
    expect(await look()).toBe(before);
  });

  it('without a capability the kernel, and what needs the kernel, is refused by the name of what is missing', async () => {
    const without = ['setpriv', '--bounding-set=-bpf,-sys_admin', '--inh-caps=-all'];
    const kernel = await Balancer.refused(lab.network, config(TWO, 'kernel'), without);
    expect(kernel.code).toBe(1);
    expect(kernel.stderr).toContain('this process lacks CAP_BPF');
    expect(kernel.stderr).toMatch(/hint: Run as root/);
    const routing = await Balancer.refused(lab.network, config({ ...TWO, routing: true }), without);
    expect(routing.stderr).toContain('Routing between the networks needs the kernel data plane');
    expect(await look()).toBe(before);
  });

  it('an interface that is not there is refused by the nearest name, and leaves nothing', async () => {
    const refused = await Balancer.refused(lab.network, config({ ...TWO, serverInterface: 'eth11' }));
    expect(refused.stderr).toMatch(/no network interface "eth11"[\s\S]*Did you mean eth1\?/);
    expect(await look()).toBe(before);
  });

  it('killed, and started with the proxy: nothing of the kernel plane stays in the way', async () => {
    const killed = await lab.balance(config());
    await killed.kill();
    await serves();
    const balancer = await Balancer.start(lab.network, config(TWO, 'proxy'));
    await serves();
    const left = await lab.network.balancer.must('sh', ['-c', 'nft list ruleset; tc qdisc; ls /sys/fs/bpf']);
    expect(left).not.toMatch(/poolgate|clsact/);
    await balancer.stop();
    expect(await look()).toBe(before);
  });

  it('keepAtStop: addresses stay, and the next start takes them over', async () => {
    const first = await lab.balance(config({ ...TWO, keepAtStop: true }));
    await first.stop();
    expect(await lab.network.balancer.must('ip', ['-br', 'address'])).toContain(`${VIP}/32`);
    const next = await lab.balance(config());
    expect(next.log().map((line) => line['detail'])).toContain(
      `Address ${VIP} is on eth0 from earlier; taken over and announced.`,
    );
    await serves();
    await next.stop();
    expect(await look()).toBe(before);
  });

  it('a second one in the same network is refused, and disturbs nothing', async () => {
    const balancer = await lab.balance(config());
    const second = { ...config(TWO, 'kernel'), admin: { listen: '127.0.0.1:9081' } };
    const refused = await Balancer.refused(lab.network, second);
    expect(refused.stderr).toContain('another Poolgate runs the kernel data plane in this network');
    await serves();
    await balancer.stop();
    expect(await look()).toBe(before);
  });

  it('another machine has the VIP: refused, and nothing of the plane stays', async () => {
    await lab.network.client.must('ip', ['address', 'add', `${VIP}/24`, 'dev', 'eth0']);
    const refused = await Balancer.refused(lab.network, config());
    await lab.network.client.must('ip', ['address', 'del', `${VIP}/24`, 'dev', 'eth0']);
    expect(refused.stderr).toContain(`${VIP} (`);
    expect(await look()).toBe(before);
  });

  it('what other programs take away of it is there again within seconds', async () => {
    const balancer = await lab.balance(config());
    await serves();
    const machine = lab.network.balancer;
    await machine.must('nft', ['flush', 'ruleset']);
    await machine.must('tc', ['qdisc', 'del', 'dev', 'eth0', 'clsact']);
    await machine.must('sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/conf/eth0/forwarding']);
    const told = (): unknown[] => balancer.log().map((line) => line['detail']);
    await waitFor('all three to be put back', () => told().filter(isRepair).length === 3, {
      timeoutMs: 20_000,
    });
    await serves();
    await balancer.stop();
    expect(await look()).toBe(before);
  });

  it('a router without any virtual service', async () => {
    const topology = { ...TWO, routing: true };
    const balancer = await lab.balance({ version: 1, topology, pools: [], virtualServices: [] });
    const [direct] = await lab.crowd.open({
      host: lab.network.server(1).ipv4,
      port: 5061,
      count: 1,
      command: 'echo',
    });
    expect(direct?.error).toBeNull();
    await lab.crowd.close();
    await balancer.stop();
    expect(await look()).toBe(before);
  });
});

/**
 * Which way a TCP connection goes through the kernel plane: past connection tracking by default, and through it where
 * only netfilter can do what has to be done. Connection tracking itself is the witness: it knows a connection or not.
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';

/** Checks are on another port, so all on this one is clients'. */
const PORT = 443;
const CHECKED = 5061;
const OTHER_CLIENT = '10.0.0.11';
/** The marks of our connections, as the documentation tells whoever has a firewall of their own. */
const FIREWALL = `table inet firewall {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ip saddr ${OTHER_CLIENT} drop
    ct mark and 0xff000000 == 0x50000000 counter accept
  }
}
`;

onOnePlane('kernel', 'which way connections go', () => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane: 'kernel', ports: [PORT, CHECKED] });
    await lab.network.client.must('ip', ['address', 'add', `${OTHER_CLIENT}/24`, 'dev', 'eth0']);
    const servers = serversOf(lab.network.servers);
    balancer = await lab.balance(
      labConfig({ plane: 'kernel', servers, ports: [PORT], checkPorts: [CHECKED] }),
    );
  });
  afterEach(() => lab.crowd.close());
  afterAll(() => lab?.close());

  const open = (count: number, from?: string) =>
    lab.crowd.open({ host: VIP, port: PORT, count, command: 'echo', ...(from ? { from } : {}) });

  /** Clients' ports whose connections to the VIP connection tracking knows. */
  async function tracked(): Promise<number[]> {
    const { stdout } = await lab.network.balancer.run('conntrack', ['-L', '-p', 'tcp', '--dport', `${PORT}`]);
    const of = new RegExp(`dst=${VIP} sport=(\\d+) dport=${PORT} `, 'g');
    return [...stdout.matchAll(of)].map(([, port]) => Number(port));
  }

  async function untilAConnectionIsTracked(wanted: boolean): Promise<void> {
    await waitFor(
      `a new connection ${wanted ? '' : 'not '}to be tracked`,
      async () => {
        const [one] = await open(1);
        const isTracked = (await tracked()).includes(one?.localPort ?? 0);
        await lab.crowd.close(idsOf([one!]), 'reset');
        return isTracked === wanted;
      },
      { timeoutMs: 30_000 },
    );
  }

  it('past connection tracking, and each server has its part', async () => {
    const held = await open(30);
    expect(byServer(held)).toEqual({ fe01: 10, fe02: 10, fe03: 10 });
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
    expect(await tracked()).toEqual([]);
    expect(await balancer.active()).toBe(30);
  });

  it('through it where somebody’s firewall judges what is forwarded; open ones go on as they went', async () => {
    const before = await open(6);
    await lab.network.balancer.must('nft', ['-f', '-'], { input: FIREWALL });
    await untilAConnectionIsTracked(true);
    const said = balancer.log().map((line) => JSON.stringify(line));
    expect(said.filter((line) => line.includes('inet firewall forward'))).toHaveLength(1);

    const during = await open(6);
    expect(byServer(during)).toEqual({ fe01: 2, fe02: 2, fe03: 2 });
    const known = await tracked();
    expect(during.filter(({ localPort }) => !known.includes(localPort))).toEqual([]);
    expect(before.filter(({ localPort }) => known.includes(localPort))).toEqual([]);
    expect(await lab.crowd.exchange(idsOf([...before, ...during]))).toEqual([]);
    // The firewall's word holds, for the connections that it lets through and for those that it does not.
    const chain = await lab.network.balancer.must('nft', ['list', 'chain', 'inet', 'firewall', 'forward']);
    expect(Number(/counter packets (\d+)/.exec(chain)?.[1])).toBeGreaterThan(0);
    const dropped = await lab.crowd.open({
      host: VIP,
      port: PORT,
      count: 1,
      from: OTHER_CLIENT,
      timeoutMs: 1500,
    });
    expect(dropped.map(({ server }) => server)).toEqual([null]);

    await lab.network.balancer.must('nft', ['delete', 'table', 'inet', 'firewall']);
    await untilAConnectionIsTracked(false);
    expect(byServer(await open(1, OTHER_CLIENT))).not.toEqual({});
    expect(await lab.crowd.exchange(idsOf([...before, ...during]))).toEqual([]);
  });
});

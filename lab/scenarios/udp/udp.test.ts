/** STUN over UDP: coturn behind the VIP, coturn's own client and thousands of flows before it. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import type { ConnectionRow } from '../../balancer/rows.ts';
import { StunCrowd } from '../../clients/stun-crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';
import { Coturn, STUN_PORT } from '../../servers/coturn.ts';

/** Of the clients' machine, beside its first one. */
const CLIENTS = ['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.14'];
/** What fits beside TCP ports into half of one worker's table, wherever the kernel puts the flows. */
const AT_ONCE = 2000;
/** KB of resident memory that may come with these without a leak, once the program is warm. */
const STEADY_KB = 2000;
/** Questions to the admin API while code is compiled and the heap grows to its size, which asking does more than flows. */
const WARM_UP = 800;
/** A heap with room is not collected; a small one shows what is really held. */
const SMALL_HEAP = ['--max-semi-space-size=1', '--max-old-space-size=48'];

onEachPlane('UDP', (plane) => {
  const FLOWS = plane === 'proxy' ? 10_000 : 4000;
  let lab: Lab;
  let balancer: Balancer;
  let clients: StunCrowd;
  const coturns: Coturn[] = [];

  function config(udpIdle: string, weights: readonly number[] = []): ConfigTree {
    return labConfig({
      plane,
      servers: serversOf(lab.network.servers, weights),
      ports: [STUN_PORT, { port: STUN_PORT, protocol: 'udp' }],
      pool: { healthChecks: [{ type: 'stun', port: STUN_PORT }] },
      service: { timeouts: { udpIdle } },
    });
  }

  const open = (count: number) => clients.open({ host: VIP, port: STUN_PORT, count, from: CLIENTS });
  const flows = async (): Promise<ConnectionRow[]> =>
    (await balancer.connections()).filter((row) => row.protocol === 'udp');
  const idle = () => waitFor('all flows to end', async () => (await balancer.active()) === 0);

  beforeAll(async () => {
    lab = await buildLab({ plane });
    const { client, servers, directory } = lab.network;
    for (const address of CLIENTS)
      await client.must('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0']);
    for (const host of servers) coturns.push(await Coturn.start(host, directory));
    clients = await StunCrowd.start(client);
    balancer = await lab.balance(config('1s'), { nodeFlags: SMALL_HEAP });
  });
  afterEach(() => clients.close());
  afterAll(() => lab?.close());

  it('turnutils_stunclient gets its answer through the VIP, from each server in turn', async () => {
    await balancer.mustApply(config('1m'));
    for (let i = 0; i < 6; i += 1) {
      const done = await lab.network.client.run('turnutils_stunclient', ['-p', `${STUN_PORT}`, VIP]);
      expect(done.code, done.stdout + done.stderr).toBe(0);
      const [, seen] = /reflexive addr: (\S+)/.exec(done.stdout) ?? [];
      const newest = (await flows()).at(-1);
      // The server saw the balancer, at the socket that the balancer says it spoke from.
      expect(seen).toBe(newest?.source);
      expect(newest).toMatchObject({ protocol: 'udp', vip: `${VIP}:${STUN_PORT}` });
    }
    const given = (await flows()).map((row) => row.realServer);
    expect(new Set(given.slice(0, 3))).toEqual(new Set(['fe01', 'fe02', 'fe03']));
    expect(given.slice(3)).toEqual(given.slice(0, 3));
    await balancer.mustApply(config('1s'));
    await idle();
  });

  it('600 flows held, weights 1:2:3: exactly 100, 200, 300, and each stays with its server', async () => {
    await balancer.mustApply(config('1m', [1, 2, 3]));
    const first = await open(600);
    expect(first.filter((state) => state.seen === null)).toEqual([]);
    const active = (await balancer.servers()).map((row) => row.active);
    expect(active).toEqual([100, 200, 300]);
    // The server sees the same source again: the flow is the same.
    expect(await clients.again()).toEqual(first);
    expect((await flows()).length).toBe(600);
    await clients.close();
    await balancer.mustApply(config('1s'));
    await idle();
  });

  /** In waves: opened, answered, closed by their clients, ended by their timeout. */
  async function comeAndGo(count: number): Promise<void> {
    for (let opened = 0; opened < count; opened += AT_ONCE) {
      const states = await open(AT_ONCE);
      expect(states.filter((state) => state.seen === null)).toEqual([]);
      await clients.close();
      await idle();
    }
  }

  it(`${FLOWS} flows come and go, and nothing is left of them`, async () => {
    for (let i = 0; i < WARM_UP; i += 1) await balancer.active();
    await comeAndGo(FLOWS);
    const before = await balancer.status();
    const descriptors = balancer.descriptors();
    const memory = balancer.rssKb();
    await comeAndGo(FLOWS);
    const growth = balancer.rssKb() - memory;
    process.stdout.write(`UDP: ${growth} KB of resident memory after ${FLOWS} flows more, of ${memory}\n`);
    const after = await balancer.status();
    // A flow whose client had to ask twice may have ended between; there are never fewer.
    expect(after.services[0]!.total - before.services[0]!.total).toBeGreaterThanOrEqual(FLOWS);
    expect(after.services[0]!.refused).toBe(before.services[0]!.refused);
    expect(await balancer.connections()).toEqual([]);
    expect(balancer.descriptors()).toBe(descriptors);
    expect(growth).toBeLessThan(STEADY_KB);
  });

  it('a server goes down: its flows are given to others, and not one client notices', async () => {
    await balancer.mustApply(config('1m'));
    const held = await open(300);
    expect((await balancer.server('fe01')).active).toBe(100);
    await coturns[0]?.stop();
    await balancer.waitHealth('fe01', 'down');
    const again = await clients.again();
    expect(again.filter((state) => state.seen === null)).toEqual([]);
    expect((await balancer.servers()).map((row) => row.active)).toEqual([0, 150, 150]);
    // Those of the other servers were left alone.
    expect(again.filter((state, i) => state.seen === held[i]?.seen).length).toBeGreaterThanOrEqual(200);
  });
});

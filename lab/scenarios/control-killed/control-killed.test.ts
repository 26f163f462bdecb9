/**
 * The process is killed under load. Packets go on without it: nobody is cut, new connections are spread as before, and the
 * next start goes on with counts, connections and verdicts. A clean end then removes everything. The proxy plane is the
 * process, and ends with it.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { machineState } from '../../net/machine-state.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';

const plane = 'kernel';
const HELD = 60;
/** Connections a second. */
const RATE = 150;

onOnePlane(plane, 'the control process is killed', () => {
  let lab: Lab;
  let balancer: Balancer;
  let before: string;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [443, 5061] });
    before = await machineState(lab.network.balancer);
    balancer = await lab.balance(config());
  });
  afterAll(() => lab?.close());

  function config(): ConfigTree {
    return labConfig({
      plane,
      servers: serversOf(lab.network.servers, [1, 2, 3]),
      ports: [443],
      checkPorts: [5061],
      service: { snatPool: ['10.0.0.60-10.0.0.61'] },
    });
  }

  async function totals(): Promise<number> {
    return (await balancer.servers()).reduce((sum, row) => sum + row.total, 0);
  }

  async function more(load: number, count: number): Promise<void> {
    const { good } = await lab.crowd.loadSummary(load);
    await waitFor('more connections', async () => (await lab.crowd.loadSummary(load)).good >= good + count);
  }

  it('existing and new connections go on, and the next start goes on with them', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 443, count: HELD, command: 'echo' });
    const load = await lab.crowd.startLoad({ host: VIP, ports: [443], rate: RATE });
    await more(load, RATE);
    const listed = (await balancer.connections()).map((row) => row.client);
    const totalBefore = await totals();

    await balancer.kill();
    await more(load, 3 * RATE);
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);

    balancer = await lab.balance(config());
    expect(await totals()).toBeGreaterThanOrEqual(totalBefore + 2 * RATE);
    expect((await balancer.servers()).map((row) => row.health)).toEqual(['up', 'up', 'up']);
    expect((await balancer.servers()).map((row) => row.usable)).toEqual([true, true, true]);
    const mine = held.map((one) => `${lab.network.client.ipv4}:${one.localPort}`);
    const again = (await balancer.connections()).map((row) => row.client);
    expect(mine.filter((client) => !listed.includes(client) || !again.includes(client))).toEqual([]);
    await more(load, RATE);
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);

    const summary = await lab.crowd.stopLoad(load);
    expect(summary.failures).toEqual([]);
    // Not one was missed while nobody was there, and not one counted twice.
    expect(await totals()).toBe(HELD + summary.started);
    await waitFor('only the held ones to be left', async () => (await balancer.active()) === HELD);
    await lab.crowd.close();
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  });

  it('connections that ended while nobody was there are not counted for ever', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 443, count: HELD, command: 'echo' });
    const [first = 0, ...others] = idsOf(held);
    await balancer.kill();
    await lab.crowd.close(others.slice(0, 20));
    await lab.crowd.close(others.slice(20), 'reset');
    const during = await lab.crowd.open({ host: VIP, port: 443, count: 11, command: 'echo' });
    // One is held still; with the eleven it is twelve, by weight.
    const all = byServer([...held.slice(0, 1), ...during]);
    expect(all).toEqual({ fe01: 2, fe02: 4, fe03: 6 });
    balancer = await lab.balance(config());
    await waitFor('the counts to be right', async () => (await balancer.active()) === 12);
    expect(await lab.crowd.exchange([first, ...idsOf(during)])).toEqual([]);
    await lab.crowd.close();
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  });

  it('a server that failed while nobody was there is found by the next start', async () => {
    await balancer.kill();
    await lab.standIn(1).unlisten(5061);
    balancer = await lab.balance(config());
    await balancer.waitHealth('fe01', 'down');
    const held = await lab.crowd.open({ host: VIP, port: 443, count: 10, command: 'echo' });
    expect(byServer(held)).toEqual({ fe02: 4, fe03: 6 });
    await lab.crowd.close();
    await lab.standIn(1).listen(5061);
    await balancer.waitHealth('fe01', 'up');
  });

  it('a clean end leaves nothing', async () => {
    await balancer.stop();
    expect(await machineState(lab.network.balancer)).toBe(before);
  });
});

/** Servers, ports, weights and schedulers come and go under load; only those concerned notice. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

onEachPlane('hot changes under load', (plane) => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [443, 5060, 5061] });
    balancer = await lab.balance(config(2, [5061, 443]));
  });
  afterAll(() => lab?.close());

  function config(
    servers: number,
    ports: readonly number[],
    more: { weights?: number[]; scheduler?: string } = {},
  ): ConfigTree {
    const list = serversOf(lab.network.servers.slice(0, servers), more.weights ?? []);
    return labConfig({ plane, servers: list, ports, checkPorts: [5061], scheduler: more.scheduler ?? 'wlc' });
  }

  async function traffic(): Promise<{ load: number; held: number[] }> {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 40, command: 'echo' });
    const load = await lab.crowd.startLoad({ host: VIP, ports: [5061], rate: 150 });
    return { load, held: idsOf(held) };
  }

  it('adding servers and ports, weights, schedulers: nobody is cut', async () => {
    const { load, held } = await traffic();
    const onWeb = await lab.crowd.open({ host: VIP, port: 443, count: 10, command: 'echo' });

    await balancer.mustApply(config(3, [5061, 443, 5060]));
    await waitFor('the new server to get traffic', async () => (await balancer.server('fe03')).total > 5);
    const [onNewPort] = await lab.crowd.open({ host: VIP, port: 5060, count: 1, command: 'echo' });
    expect(onNewPort?.serverPort).toBe(5060);
    await balancer.mustApply(config(3, [5061, 443, 5060], { weights: [1, 5, 2] }));
    expect((await balancer.servers()).map((row) => row.weight)).toEqual([1, 5, 2]);
    for (const scheduler of ['rr', 'lc', 'wrr', 'wlc']) {
      await balancer.mustApply(config(3, [5061, 443, 5060], { weights: [1, 5, 2], scheduler }));
      expect(await lab.crowd.exchange(held)).toEqual([]);
    }
    expect(await lab.crowd.exchange(idsOf(onWeb))).toEqual([]);
    const summary = await lab.crowd.stopLoad(load);
    expect(summary.failures).toEqual([]);
    await lab.crowd.close();
  });

  it('a server is added by the command line: plan says it, apply does it', async () => {
    await balancer.mustApply(config(2, [5061]));
    const { load, held } = await traffic();
    await balancer.writeFile('next.yaml', config(3, [5061]));
    const plan = await balancer.cli('plan', balancer.path('next.yaml'));
    expect(plan.stdout).toContain('fe03');
    expect((await balancer.servers()).map((row) => row.name)).toEqual(['fe01', 'fe02']);
    expect(await balancer.cli('apply', balancer.path('next.yaml'))).toMatchObject({ code: 0 });
    await balancer.waitHealth('fe03', 'up');
    await waitFor('it to get traffic', async () => (await balancer.server('fe03')).total > 5);
    expect(await lab.crowd.exchange(held)).toEqual([]);
    expect((await lab.crowd.stopLoad(load)).failures).toEqual([]);
    await lab.crowd.close();
  });

  it('removing a server resets its connections alone', async () => {
    const { load, held } = await traffic();
    const states = await lab.crowd.states(held);
    expect(byServer(states)['fe03']).toBeGreaterThan(0);
    // Drained first, so that no connection is just being made to it and would end without having learned its name.
    await balancer.setAdmin('fe03', 'drain');
    const { total } = await balancer.server('fe03');
    const { started } = await lab.crowd.loadSummary(load);
    await waitFor('more connections', async () => (await lab.crowd.loadSummary(load)).started > started + 30);
    expect((await balancer.server('fe03')).total).toBe(total);
    await balancer.mustApply(config(2, [5061]));
    await waitFor('the clients of the removed server to be reset', async () =>
      (await lab.crowd.states(idsOf(states, 'fe03'))).every((state) => state.error === 'ECONNRESET'),
    );
    expect(await lab.crowd.exchange([...idsOf(states, 'fe01'), ...idsOf(states, 'fe02')])).toEqual([]);
    const summary = await lab.crowd.stopLoad(load);
    expect(summary.failures.filter((failure) => failure.server !== 'fe03')).toEqual([]);
    await lab.crowd.close();
  });

  it('removing a port resets the connections that came in by it, and no others', async () => {
    await balancer.mustApply(config(3, [5061, 443]));
    await balancer.waitHealth('fe03', 'up');
    const { load, held } = await traffic();
    const onWeb = await lab.crowd.open({ host: VIP, port: 443, count: 10, command: 'echo' });
    await balancer.mustApply(config(3, [5061]));
    await waitFor('the clients of the removed port to be reset', async () =>
      (await lab.crowd.states(idsOf(onWeb))).every((state) => state.error === 'ECONNRESET'),
    );
    const [refused] = await lab.crowd.open({ host: VIP, port: 443, count: 1 });
    expect(refused?.error).toBe('ECONNREFUSED');
    expect(await lab.crowd.exchange(held)).toEqual([]);
    expect((await lab.crowd.stopLoad(load)).failures).toEqual([]);
    await lab.crowd.close();
  });
});

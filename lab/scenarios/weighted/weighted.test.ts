/** 600 connections that are held, opened at once by two programs, to servers of weights 1, 2 and 3. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, Crowd } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

onEachPlane('weighted distribution', (plane) => {
  let lab: Lab;
  let second: Crowd;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061] });
    second = await Crowd.start(lab.network.client);
  });
  afterAll(() => lab?.close());

  for (const scheduler of ['wlc', 'wrr']) {
    it(`${scheduler}: exactly 100, 200 and 300 of 600, three times in a row`, async () => {
      const servers = serversOf(lab.network.servers, [1, 2, 3]);
      const balancer = await lab.balance(labConfig({ plane, servers, scheduler }));
      // Of the kernel plane these are the CPUs; the scenario many-cpus has all of them choose at once.
      expect((await balancer.status()).workers).toBeGreaterThanOrEqual(2);
      for (let round = 1; round <= 3; round += 1) {
        const half = { host: VIP, port: 5061, count: 300, command: 'echo' };
        const opened = (await Promise.all([lab.crowd.open(half), second.open(half)])).flat();
        expect(byServer(opened), `round ${round}`).toEqual({ fe01: 100, fe02: 200, fe03: 300 });
        const rows = await balancer.servers();
        expect(rows.map((row) => row.active)).toEqual([100, 200, 300]);
        const held = await Promise.all(lab.standIns.map((one) => one.openConversations(5061)));
        expect(held.map((list) => list.length)).toEqual([100, 200, 300]);
        await Promise.all([lab.crowd.close(), second.close()]);
        await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
      }
    });
  }

  it('least connections counts over all ports and services of the pool', async () => {
    const [fe01, fe02] = serversOf(lab.network.servers);
    if (!fe01 || !fe02) throw new Error('two servers are needed');
    const config = labConfig({ plane, servers: [fe01, { ...fe02, admin: 'drain' }], ports: [5061] });
    const other = {
      name: 'web',
      vip: VIP,
      pool: 'ocspool',
      ports: [{ port: 443, serverPort: 5061 }],
      scheduler: 'lc',
    };
    const balancer = await lab.balance({
      ...config,
      virtualServices: [...(config['virtualServices'] as object[]), other],
    });
    const first = await lab.crowd.open({ host: VIP, port: 5061, count: 20, command: 'echo' });
    expect(byServer(first)).toEqual({ fe01: 20 });
    await balancer.setAdmin('fe02', 'ready');
    const next = await lab.crowd.open({ host: VIP, port: 443, count: 20, command: 'echo' });
    expect(byServer(next)).toEqual({ fe02: 20 });
    await lab.crowd.close();
  });
});

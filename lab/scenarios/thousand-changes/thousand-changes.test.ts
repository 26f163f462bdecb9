/** 1,000 live changes of the config under load: nobody unconcerned is cut, memory stays flat, no descriptor leaks. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, describeLab, type Lab } from '../../scenario.ts';

const CHANGES = 1000;
/** Of the first changes the code is compiled and tables grow to their size; memory is compared after them. */
const WARM_UP = 250;
const GROWTH_KB = 16 * 1024;
/** A heap with room is not collected; a small one shows what is really held. */
const SMALL_HEAP = ['--max-semi-space-size=4', '--max-old-space-size=64'];

describeLab('a thousand live changes', () => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ ports: [443, 5061] });
    balancer = await lab.balance(config(0), { nodeFlags: SMALL_HEAP });
  });
  afterAll(() => lab?.close());

  /** fe01 and fe02 always serve 5061; fe03, the weights, port 443 and the scheduler come and go with the number. */
  function config(number: number): ConfigTree {
    const hosts = lab.network.servers.slice(0, number % 2 === 0 ? 2 : 3);
    const weights = [1 + (number % 3), 1 + (number % 5), 1 + (number % 7)];
    const ports = number % 4 < 2 ? [5061] : [5061, 443];
    const scheduler = ['wlc', 'rr', 'wrr', 'lc'][number % 4] ?? 'wlc';
    return labConfig({ servers: serversOf(hosts, weights), ports, scheduler, checkPorts: [5061] });
  }

  it('zero resets on unaffected connections, memory flat, no descriptor leaked', async () => {
    const descriptors = balancer.descriptors();
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 60, command: 'echo' });
    const load = await lab.crowd.startLoad({ host: VIP, ports: [5061], rate: 60 });
    const lost: number[] = [];
    let memory = 0;
    for (let number = 1; number <= CHANGES; number += 1) {
      await balancer.mustApply(config(number));
      if (number === WARM_UP) memory = balancer.rssKb();
      if (number % 100 === 0) lost.push(...(await lab.crowd.exchange(idsOf(held))));
    }
    const summary = await lab.crowd.stopLoad(load);
    const growth = balancer.rssKb() - memory;
    process.stdout.write(
      `a thousand changes: ${growth} KB more after change ${WARM_UP}; ${summary.good} connections\n`,
    );
    // fe03 is removed by every other change; its connections end with it, and no others.
    expect(summary.failures.filter((failure) => failure.server !== 'fe03')).toEqual([]);
    expect(summary.good).toBeGreaterThan(100);
    expect([...lost, ...(await lab.crowd.exchange(idsOf(held)))]).toEqual([]);
    expect(growth).toBeLessThan(GROWTH_KB);
    await lab.crowd.close();
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
    await balancer.mustApply(config(0));
    // A check may hold one descriptor a server while we look.
    await waitFor('all descriptors to be given back', () => balancer.descriptors() <= descriptors + 2);
  });
});

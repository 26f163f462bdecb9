/** 1,000 live changes of the config under load: nobody unconcerned is cut, memory stays flat, no descriptor leaks. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { LONG } from '../../long.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const GROWTH_KB = 8 * 1024;
/** A heap with room is not collected; a small one shows what is really held. */
const SMALL_HEAP = ['--max-semi-space-size=4', '--max-old-space-size=48'];

onEachPlane('a thousand live changes', (plane) => {
  /** A change of the kernel plane replaces a table of nftables, which takes longer than a message to a worker. */
  const CHANGES = plane === 'proxy' || LONG ? 1000 : 60;
  /** During as many before these, code is compiled and tables grow to their size. */
  const WARM_UP = CHANGES;
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [443, 444, 5061] });
    balancer = await lab.balance(config(0), { nodeFlags: SMALL_HEAP });
  });
  afterAll(() => lab?.close());

  /**
   * fe01 and fe02 always serve 5061: nobody there is concerned by anything. Their weights and the scheduler change;
   * port 444 comes and goes, and so does fe03, which takes no connection in this pool; the pool `web` comes and goes
   * as a whole with its service, and its clients with it.
   */
  function config(number: number): ConfigTree {
    const [fe01, fe02, fe03] = serversOf(lab.network.servers);
    if (!fe01 || !fe02 || !fe03) throw new Error('three servers are needed');
    const own = [
      { ...fe01, weight: 1 + (number % 3) },
      { ...fe02, weight: 1 + (number % 5) },
    ];
    const tree = labConfig({
      plane,
      servers: number % 2 === 0 ? own : [...own, { ...fe03, weight: 0 }],
      ports: number % 4 < 2 ? [5061] : [5061, 444],
      scheduler: ['wlc', 'rr', 'wrr', 'lc'][number % 4] ?? 'wlc',
      checkPorts: [5061],
    });
    if (number % 3 === 0) return tree;
    const web = { name: 'web', vip: VIP, pool: 'web', ports: [443] };
    return {
      ...tree,
      pools: [...(tree['pools'] as object[]), { name: 'web', healthChecks: [], realServers: [fe03] }],
      virtualServices: [...(tree['virtualServices'] as object[]), web],
    };
  }

  it('zero resets on unaffected connections, memory flat, no descriptor leaked', async () => {
    const descriptors = balancer.descriptors();
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 60, command: 'echo' });
    const load = await lab.crowd.startLoad({ host: VIP, ports: [5061], rate: 60 });
    const concerned = await lab.crowd.startLoad({ host: VIP, ports: [443], rate: 20 });
    const lost: number[] = [];
    let memory = 0;
    for (let number = 1; number <= WARM_UP + CHANGES; number += 1) {
      await balancer.mustApply(config(number));
      if (number === WARM_UP) memory = balancer.rssKb();
      if (number % 100 === 0) lost.push(...(await lab.crowd.exchange(idsOf(held))));
    }
    const growth = balancer.rssKb() - memory;
    const summary = await lab.crowd.stopLoad(load);
    const others = await lab.crowd.stopLoad(concerned);
    process.stdout.write(
      `${CHANGES} changes (${plane}): ${growth} KB more; ${summary.good} connections, ${others.failed} of removed services ended\n`,
    );
    expect(summary.failures).toEqual([]);
    expect(summary.good).toBeGreaterThan(30);
    expect([...lost, ...(await lab.crowd.exchange(idsOf(held)))]).toEqual([]);
    expect(growth).toBeLessThan(GROWTH_KB);
    await lab.crowd.close();
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
    await balancer.mustApply(config(0));
    // A check may hold one descriptor a server while we look.
    await waitFor('all descriptors to be given back', () => balancer.descriptors() <= descriptors + 2);
  }, 300_000);
});

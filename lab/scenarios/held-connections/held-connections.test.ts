/** Thousands of idle connections: all of them work, what each costs is printed, and nothing is left afterwards. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import type { HeldState } from '../../clients/held.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const AT_ONCE = 500;
/** KB of resident memory a connection; the figure itself is printed. */
const AFFORDABLE_KB = 1;

onEachPlane('held connections', (plane) => {
  // More than one descriptor table of 20,000 holds, at two a connection: the proxy plane needs that of both workers.
  // More of them on the kernel plane has the scenario `hundred-thousand`.
  const HELD = plane === 'proxy' ? 15_000 : 3000;
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061] });
    balancer = await lab.balance(labConfig({ plane, servers: serversOf(lab.network.servers, [1, 2, 3]) }));
  });
  afterAll(() => lab?.close());

  it(`${HELD} connections are held, work, and end without a trace`, async () => {
    const descriptors = balancer.descriptors();
    const before = balancer.rssKb();
    const held: HeldState[] = [];
    while (held.length < HELD) {
      held.push(...(await lab.crowd.open({ host: VIP, port: 5061, count: AT_ONCE, command: 'echo' })));
    }
    expect(byServer(held)).toEqual({ fe01: HELD / 6, fe02: HELD / 3, fe03: HELD / 2 });
    const each = (balancer.rssKb() - before) / HELD;
    process.stdout.write(`held connections: ${each.toFixed(2)} KB of resident memory each (${HELD} held)\n`);
    expect(each).toBeLessThan(AFFORDABLE_KB);
    expect(await balancer.active()).toBe(HELD);
    expect((await balancer.connections()).length).toBe(HELD);
    expect(await lab.crowd.exchange(idsOf(held), 60_000)).toEqual([]);
    await lab.crowd.close();
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
    await waitFor('all descriptors to be given back', () => balancer.descriptors() <= descriptors);
  });
});

/** Started, used and stopped over and over, in every topology: the machine is as it was before. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfigTree, labConfig, serversOf, TRANSPARENT, TWO_ARMED } from '../../balancer/config.ts';
import { LONG } from '../../long.ts';
import type { Arms } from '../../net/arms.ts';
import { machineState } from '../../net/machine-state.ts';
import { VIP, VIP6 } from '../../net/network.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';

const plane = 'kernel';
const TOPOLOGIES: Record<Arms, ConfigTree> = {
  'one-armed': { interface: 'eth0' },
  'two-armed': { ...TWO_ARMED, serverAddress: '192.168.0.7/24', routing: true },
  transparent: TRANSPARENT,
};
const ALL = LONG ? 200 : 5;
const CYCLES: Record<Arms, number> = { 'one-armed': ALL / 2.5, 'two-armed': ALL / 2.5, transparent: ALL / 5 };

for (const arms of ['one-armed', 'two-armed', 'transparent'] as const) {
  // What the proxy plane leaves or not, the scenario `addresses` shows.
  onOnePlane(plane, `starts and stops, ${arms}`, () => {
    let lab: Lab;

    beforeAll(async () => {
      // Poolgate adds the VIPs and takes them away.
      lab = await buildLab({ plane, arms, vips: false, ports: [5061] });
    });
    afterAll(() => lab?.close());

    function config(): ConfigTree {
      const inner = arms === 'two-armed' ? '192.168.0.' : '10.0.0.';
      const tree = labConfig({
        plane,
        topology: TOPOLOGIES[arms],
        servers: serversOf(lab.network.servers),
        service: { snatPool: [`${inner}60-${inner}61`], persistence: { type: 'source-ip' } },
      });
      const [pool] = tree['pools'] as ConfigTree[];
      // A bridge has one address of its own for the servers.
      if (arms === 'transparent') return tree;
      const realServers = lab.network.servers.map((host) => ({ name: host.role, address: host.ipv6 }));
      const six = { name: 'six', vip: VIP6, pool: 'six', ports: [5061] };
      return {
        ...tree,
        pools: [pool, { ...pool, name: 'six', realServers }],
        virtualServices: [...(tree['virtualServices'] as object[]), six],
      };
    }

    it(
      `${CYCLES[arms]} times: no name, filter, table, address, route, bridge or setting is left`,
      async () => {
        const before = await machineState(lab.network.balancer);
        const startedAt = Date.now();
        for (let cycle = 1; cycle <= CYCLES[arms]; cycle += 1) {
          const balancer = await lab.balance(config());
          for (const host of arms === 'transparent' ? [VIP] : [VIP, VIP6]) {
            const states = await lab.crowd.open({ host, port: 5061, count: 3, command: 'echo' });
            expect(
              states.map((one) => one.error),
              host,
            ).toEqual([null, null, null]);
          }
          // Every other time in the middle of connections.
          if (cycle % 2 === 0) await lab.crowd.close();
          await balancer.stop();
          await lab.crowd.close(undefined, 'reset');
          expect(await machineState(lab.network.balancer), `after ${cycle} times`).toBe(before);
        }
        const each = (Date.now() - startedAt) / CYCLES[arms] / 1000;
        process.stdout.write(`${CYCLES[arms]} times ${arms}: nothing left; ${each.toFixed(1)} s each\n`);
      },
      CYCLES[arms] * 15_000,
    );
  });
}

/** When no real server can be used, the fallback is; when one is back, new connections go there. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

onEachPlane('fallback', (plane) => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061, 9081] });
  });
  afterAll(() => lab?.close());

  async function start(port?: number): Promise<void> {
    const fallback = { address: lab.network.server(3).ipv4, ...(port === undefined ? {} : { port }) };
    const servers = serversOf(lab.network.servers.slice(0, 2));
    balancer = await lab.balance(labConfig({ plane, servers, pool: { fallback } }));
  }

  for (const port of [9081, undefined]) {
    it(`serves while nobody else can, on ${port ?? 'the port of the service'}`, async () => {
      await start(port);
      const before = await lab.crowd.open({ host: VIP, port: 5061, count: 4, command: 'echo' });
      expect(byServer(before)).toEqual({ fe01: 2, fe02: 2 });
      await lab.standIn(1).unlisten(5061);
      await lab.standIn(2).unlisten(5061);
      await balancer.waitHealth('fe01', 'down');
      await balancer.waitHealth('fe02', 'down');
      const during = await lab.crowd.open({ host: VIP, port: 5061, count: 10, command: 'echo' });
      expect(byServer(during)).toEqual({ fe03: 10 });
      expect(during.map((state) => state.serverPort)).toEqual(during.map(() => port ?? 5061));
      expect((await balancer.status()).services[0]?.state).toBe('fallback');

      await lab.standIn(1).listen(5061);
      await balancer.waitHealth('fe01', 'up');
      const after = await lab.crowd.open({ host: VIP, port: 5061, count: 4, command: 'echo' });
      expect(byServer(after)).toEqual({ fe01: 4 });
      expect(await lab.crowd.exchange(idsOf(during))).toEqual([]);
      await lab.standIn(2).listen(5061);
      await lab.crowd.close();
    });
  }
});

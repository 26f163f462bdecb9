/**
 * One config, run by Poolgate, and by a real HAProxy with what `poolgate export haproxy` makes of it. Both are asked the
 * same from outside, and both must answer the same: shares by weight, one verdict for all ports and services when only
 * 444 of a server dies, idle connections ended and busy ones not.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { Haproxy } from '../../balancer/haproxy.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import type { HeldState } from '../../clients/held.ts';
import { VIP } from '../../net/network.ts';
import { PacketCounter } from '../../net/packets.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, describeLab, type Lab } from '../../scenario.ts';

const PORTS = [443, 444, 5060, 5061, 5062];
const IDLE_MS = 1500;
const CHECKS_WATCHED = 6;
const PROGRAMS = ['Poolgate', 'HAProxy'] as const;

/** The second service is chosen for otherwise and the third has another idle time: sections of their own in HAProxy. */
function configOf(lab: Lab) {
  const config = labConfig({
    plane: 'proxy',
    servers: serversOf(lab.network.servers, [1, 2, 3]),
    ports: [5060, 5061],
    checkPorts: [5061, 444],
  });
  const more = [
    { name: 'web', ports: [{ port: 8443, serverPort: 443 }], scheduler: 'wrr' },
    { name: 'short', ports: [5062], timeouts: { idle: `${IDLE_MS}ms` } },
  ];
  const services = config['virtualServices'] as object[];
  return {
    ...config,
    virtualServices: [...services, ...more.map((one) => ({ vip: VIP, pool: 'ocspool', ...one }))],
  };
}

describeLab('an exported config', () => {
  let lab: Lab;
  let arrived: PacketCounter;

  beforeAll(async () => {
    lab = await buildLab({ ports: PORTS });
    arrived = await PacketCounter.on(lab.network.server(1));
  });
  afterAll(() => lab?.close());

  const open = (port: number, count: number): Promise<HeldState[]> =>
    lab.crowd.open({ host: VIP, port, count, command: 'echo' });
  const syns = async (port: number): Promise<number> => (await arrived.syns()).get(port) ?? 0;

  describe.each(PROGRAMS)('run by %s', (program) => {
    let running: { stop(): Promise<void> } | null = null;

    beforeAll(async () => {
      const config = configOf(lab);
      running =
        program === 'Poolgate'
          ? await Balancer.start(lab.network, config)
          : await Haproxy.start(lab.network, config, [5060, 5061, 5062, 8443]);
    });
    afterAll(async () => running?.stop());

    it('shares by weight over the ports of a service, to the ports that it says', async () => {
      const held = [...(await open(5060, 30)), ...(await open(5061, 30))];
      const shares = byServer(held);
      // HAProxy chooses and counts in two steps: of connections that come at once a few may go elsewhere.
      const off = program === 'Poolgate' ? 0 : 3;
      for (const [name, count] of Object.entries({ fe01: 10, fe02: 20, fe03: 30 }))
        expect(Math.abs((shares[name] ?? 0) - count), JSON.stringify(shares)).toBeLessThanOrEqual(off);
      const web = await open(8443, 12);
      expect(byServer(web)).toEqual({ fe01: 2, fe02: 4, fe03: 6 });
      expect(new Set(web.map(({ serverPort }) => serverPort))).toEqual(new Set([443]));
      await lab.crowd.close();
    });

    it('only 444 of a server dies: its connections end, and none comes on any port of any service', async () => {
      const held = [...(await open(5060, 18)), ...(await open(8443, 6))];
      const [lost, kept] = [
        idsOf(held, 'fe01'),
        idsOf(held).filter((id) => !idsOf(held, 'fe01').includes(id)),
      ];
      expect(lost.length).toBeGreaterThan(0);
      await lab.standIn(1).unlisten(444);
      await waitFor('connections of the server that failed to end', async () =>
        (await lab.crowd.states(lost)).every((state) => state.ended || state.error !== null),
      );
      const before = await arrived.syns();
      const next = [...(await open(5060, 12)), ...(await open(5061, 12)), ...(await open(8443, 12))];
      expect(Object.keys(byServer(next)).toSorted()).toEqual(['fe02', 'fe03']);
      await waitFor('more checks', async () => (await syns(444)) - (before.get(444) ?? 0) >= CHECKS_WATCHED);
      for (const port of [443, 5060, 5062]) expect((await syns(port)) - (before.get(port) ?? 0)).toBe(0);
      expect(await lab.crowd.exchange(kept)).toEqual([]);

      await lab.standIn(1).listen(444);
      await waitFor(
        'the server to be used again',
        async () => byServer(await open(5060, 2))['fe01'] !== undefined,
      );
      await lab.crowd.close();
    });

    it('a connection that says nothing is ended at the idle time, and one that speaks is not', async () => {
      const [silent, busy] = [await open(5062, 3), await open(5062, 3)];
      const ended = await waitFor(
        'the silent ones to end',
        async () => {
          expect(await lab.crowd.exchange(idsOf(busy))).toEqual([]);
          const states = await lab.crowd.states(idsOf(silent));
          return states.every((state) => state.ended || state.error !== null) ? states : null;
        },
        { everyMs: 200 },
      );
      // The command line is payload; it comes right after the connect.
      for (const { ageMs } of ended) expect(ageMs).toBeGreaterThanOrEqual(IDLE_MS - 100);
      await lab.crowd.close();
    });
  });
});

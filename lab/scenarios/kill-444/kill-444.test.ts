/**
 * A Front End that loses only port 444 is out on every port: after `fall` checks not one SYN reaches it that is not
 * a check, until it is good again. Counted by the packet filter of the server's own machine.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { FALL, labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { metBy } from '../../clients/failures.ts';
import { VIP } from '../../net/network.ts';
import { PacketCounter } from '../../net/packets.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const PORTS = [443, 444, 5060, 5061];
/** Clients do not dial 444, so that every SYN to 444 on the server is a check. */
const DIALLED = [443, 5060, 5061];
const CHECKS_WATCHED = 12;

onEachPlane('one of several ports fails', (plane) => {
  let lab: Lab;
  let balancer: Balancer;
  let arrived: PacketCounter;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: PORTS });
    arrived = await PacketCounter.on(lab.network.server(1));
    const servers = serversOf(lab.network.servers);
    balancer = await lab.balance(labConfig({ plane, servers, ports: PORTS, checkPorts: [5061, 444] }));
  });
  afterAll(() => lab?.close());

  async function synsTo(port: number): Promise<number> {
    return (await arrived.syns()).get(port) ?? 0;
  }

  it('no SYN reaches the server on any port but those of its checks until it is good again', async () => {
    const load = await lab.crowd.startLoad({ host: VIP, ports: DIALLED, rate: 150 });
    await waitFor('fe01 to get traffic', async () => (await synsTo(443)) > 10 && (await synsTo(5060)) > 10);

    const checksBefore = await synsTo(444);
    await lab.standIn(1).unlisten(444);
    await balancer.waitHealth('fe01', 'down');
    const verdictAt = Date.now();
    const before = await arrived.syns();
    const spoken = (await lab.standIn(1).stats(5061)).spoke;
    const needed = (before.get(444) ?? 0) - checksBefore;
    // The check under way when the listener closed may count or not; one more may start before we look.
    expect(needed).toBeGreaterThanOrEqual(FALL);
    expect(needed).toBeLessThanOrEqual(FALL + 2);

    await waitFor(
      'a dozen checks more',
      async () => (await synsTo(444)) - (before.get(444) ?? 0) >= CHECKS_WATCHED,
    );
    const after = await arrived.syns();
    const grown = (port: number): number => (after.get(port) ?? 0) - (before.get(port) ?? 0);
    expect({ 443: grown(443), 5060: grown(5060) }).toEqual({ 443: 0, 5060: 0 });
    // On 5061 come checks, one for each on 444, and nothing that speaks.
    expect(Math.abs(grown(5061) - grown(444))).toBeLessThanOrEqual(1);
    expect((await lab.standIn(1).stats(5061)).spoke).toBe(spoken);

    await lab.standIn(1).listen(444);
    await balancer.waitHealth('fe01', 'up');
    await waitFor('traffic to come back', async () => (await synsTo(443)) > (after.get(443) ?? 0) + 5);
    const summary = await lab.crowd.stopLoad(load);
    expect(summary.failures.filter((failure) => !metBy(failure, 'fe01', verdictAt))).toEqual([]);
    expect(summary.good).toBeGreaterThan(100);
  });

  it('the verdict resets the connections on its other ports, and nobody else’s', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 30, command: 'echo' });
    expect(byServer(held)).toEqual({ fe01: 10, fe02: 10, fe03: 10 });
    await lab.standIn(1).unlisten(444);
    await balancer.waitHealth('fe01', 'down');
    await waitFor('its clients to be reset', async () =>
      (await lab.crowd.states(idsOf(held, 'fe01'))).every((state) => state.error === 'ECONNRESET'),
    );
    expect(await lab.crowd.exchange([...idsOf(held, 'fe02'), ...idsOf(held, 'fe03')])).toEqual([]);
    await lab.crowd.close();
  });

  it('says which check failed and how', async () => {
    const row = await balancer.server('fe01');
    const results = Object.fromEntries(row.checks.map((check) => [check.port, check.result]));
    expect(results).toEqual({ 5061: 'L4OK', 444: 'L4CON' });
    expect(row.usable).toBe(false);
  });
});

/** Taking a server out under load: who is on it stays, nobody new comes, and at the limit the rest are reset. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import type { HeldState } from '../../clients/held.ts';
import { VIP } from '../../net/network.ts';
import { PacketCounter } from '../../net/packets.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const LIMIT_MS = 3000;

onEachPlane('drain under load', (plane) => {
  let lab: Lab;
  let balancer: Balancer;
  let arrived: PacketCounter;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [443, 5061] });
    arrived = await PacketCounter.on(lab.network.server(1));
    const servers = serversOf(lab.network.servers);
    const drain = { timeout: `${LIMIT_MS}ms` };
    // 443 is not checked: every SYN to it is a client's.
    balancer = await lab.balance(
      labConfig({ plane, servers, ports: [443, 5061], checkPorts: [5061], pool: { drain } }),
    );
  });
  afterAll(() => lab?.close());

  async function hold(): Promise<HeldState[]> {
    const held = await lab.crowd.open({ host: VIP, port: 443, count: 30, command: 'echo' });
    expect(new Set(held.map((state) => state.server))).toEqual(new Set(['fe01', 'fe02', 'fe03']));
    return held;
  }

  async function drains(how: () => Promise<unknown>): Promise<void> {
    const held = await hold();
    const mine = idsOf(held, 'fe01');
    const others = idsOf(held).filter((id) => !mine.includes(id));
    const load = await lab.crowd.startLoad({ host: VIP, ports: [443], rate: 100 });
    await waitFor('the load to run', async () => (await lab.crowd.loadSummary(load)).good > 20);

    const startedAt = Date.now();
    await how();
    const before = (await arrived.syns()).get(443);
    await waitFor(
      'only the held connections to be left',
      async () => (await balancer.server('fe01')).active === mine.length,
    );
    const next = await lab.crowd.open({ host: VIP, port: 443, count: 20, command: 'echo' });
    expect(idsOf(next, 'fe01')).toEqual([]);
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
    expect((await arrived.syns()).get(443)).toBe(before);

    await waitFor('the rest to be reset', async () =>
      (await lab.crowd.states(mine)).every((state) => state.error === 'ECONNRESET'),
    );
    expect(Date.now() - startedAt).toBeGreaterThan(LIMIT_MS - 100);
    expect(Date.now() - startedAt).toBeLessThan(LIMIT_MS + 2000);
    expect((await arrived.syns()).get(443)).toBe(before);
    expect(await lab.crowd.exchange([...others, ...idsOf(next)])).toEqual([]);
    expect(await balancer.server('fe01')).toMatchObject({ active: 0, health: 'up', usable: false });
    const summary = await lab.crowd.stopLoad(load);
    expect(summary.failures).toEqual([]);
    await lab.crowd.close();
  }

  it('by the command line', async () => {
    await drains(async () => {
      const done = await balancer.cli('drain', 'ocspool/fe01');
      expect(done, `${done.stderr}`).toMatchObject({ code: 0 });
    });
    expect((await balancer.server('fe01')).admin).toBe('drain');
    expect(await balancer.cli('ready', 'fe01')).toMatchObject({ code: 0 });
    const back = await lab.crowd.open({ host: VIP, port: 443, count: 6, command: 'echo' });
    expect(byServer(back)).toEqual({ fe01: 2, fe02: 2, fe03: 2 });
    await lab.crowd.close();
  });

  it('by weight 0', async () => {
    await drains(() => balancer.setWeight('fe01', 0));
    await balancer.setWeight('fe01', 1);
    expect(await balancer.server('fe01')).toMatchObject({ weight: 1, usable: true });
  });

  it('maint stops the checks too, and ready asks first', async () => {
    const held = await hold();
    await balancer.setAdmin('fe01', 'maint');
    const quiet = (await arrived.syns()).get(5061) ?? 0;
    const next = await lab.crowd.open({ host: VIP, port: 443, count: 20, command: 'echo' });
    expect(idsOf(next, 'fe01')).toEqual([]);
    // maint has no limit. A server that drains meanwhile is the clock: when its connections are reset, ours stay.
    await balancer.setAdmin('fe02', 'drain');
    await waitFor('the drain limit of fe02', async () =>
      (await lab.crowd.states(idsOf(held, 'fe02'))).every((state) => state.error === 'ECONNRESET'),
    );
    await balancer.setAdmin('fe02', 'ready');
    expect(await lab.crowd.exchange(idsOf(held, 'fe01'))).toEqual([]);
    expect(((await arrived.syns()).get(5061) ?? 0) - quiet).toBeLessThanOrEqual(1);
    await lab.standIn(1).unlisten(5061);
    await balancer.setAdmin('fe01', 'ready');
    await balancer.waitHealth('fe01', 'down');
    await lab.standIn(1).listen(5061);
    await balancer.waitHealth('fe01', 'up');
    await lab.crowd.close();
  });
});

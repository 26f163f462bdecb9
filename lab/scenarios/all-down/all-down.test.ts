/** No server left: connects are refused by a reset to the SYN, so that a successful connect proves something. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { byServer } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { PacketCounter } from '../../net/packets.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const TRIES = 30;

onEachPlane('all servers down', (plane) => {
  let lab: Lab;
  let balancer: Balancer;
  let heard: PacketCounter;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061, 443] });
    heard = await PacketCounter.on(lab.network.client);
    const servers = serversOf(lab.network.servers);
    balancer = await lab.balance(labConfig({ plane, servers, ports: [5061, 443], checkPorts: [5061] }));
  });
  afterAll(() => lab?.close());

  async function refusesEverything(): Promise<void> {
    const answered = await heard.synAcksFrom();
    const reset = (await heard.resetsFrom()).get(443) ?? 0;
    const tries = await lab.crowd.open({ host: VIP, port: 443, count: TRIES });
    expect(byServer(tries)).toEqual({ 'none (ECONNREFUSED)': TRIES });
    expect(await heard.synAcksFrom()).toEqual(answered);
    expect(((await heard.resetsFrom()).get(443) ?? 0) - reset).toBe(TRIES);
    await lab.crowd.close();
  }

  it('refuses every connect with a reset, and serves again when one is back, several times over', async () => {
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(lab.standIns.map((one) => one.unlisten(5061)));
      for (const name of ['fe01', 'fe02', 'fe03']) await balancer.waitHealth(name, 'down');
      await refusesEverything();
      await lab.standIn(2).listen(5061);
      await balancer.waitHealth('fe02', 'up');
      const back = await lab.crowd.open({ host: VIP, port: 443, count: TRIES, command: 'echo' });
      expect(byServer(back)).toEqual({ fe02: TRIES });
      await lab.crowd.close();
      await Promise.all([lab.standIn(1).listen(5061), lab.standIn(3).listen(5061)]);
      for (const name of ['fe01', 'fe03']) await balancer.waitHealth(name, 'up');
    }
  });

  it('all drained refuses as well, and who is connected stays', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 443, count: 6, command: 'echo' });
    for (const name of ['fe01', 'fe02', 'fe03']) await balancer.setAdmin(name, 'drain');
    const answered = await heard.synAcksFrom();
    const [tried] = await lab.crowd.open({ host: VIP, port: 443, count: 1 });
    expect(tried?.error).toBe('ECONNREFUSED');
    expect(await heard.synAcksFrom()).toEqual(answered);
    expect(await lab.crowd.exchange(held.map((state) => state.id))).toEqual([]);
    for (const name of ['fe01', 'fe02', 'fe03']) await balancer.setAdmin(name, 'ready');
    await waitFor('service again', async () => {
      const [again] = await lab.crowd.open({ host: VIP, port: 443, count: 1, command: 'echo' });
      return again?.error === null;
    });
    await lab.crowd.close();
  });

  it('refuses from the first moment when it starts without a server', async () => {
    await Promise.all(lab.standIns.map((one) => one.unlisten(5061)));
    balancer = await lab.balance(
      labConfig({ plane, servers: serversOf(lab.network.servers), ports: [5061, 443], checkPorts: [5061] }),
    );
    await refusesEverything();
    expect((await balancer.status()).services[0]?.state).toBe('refusing');
  });
});

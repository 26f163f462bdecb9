/** A reset at one end is a reset at the other, never an orderly end, idle or in the middle of data. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

onEachPlane('reset propagation', (plane) => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, servers: 1, ports: [5061] });
    balancer = await lab.balance(labConfig({ plane, servers: serversOf(lab.network.servers) }));
  });
  afterAll(() => lab?.close());

  async function outcomes(command: string): Promise<string[]> {
    const rows = await lab.standIn(1).conversations(5061);
    return rows.filter((row) => row.command.startsWith(command)).map((row) => row.outcome);
  }

  it('from the client to the server', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 10, command: 'echo' });
    await lab.crowd.close(idsOf(held), 'reset');
    await waitFor('ten resets at the server', async () =>
      (await outcomes('echo')).every((one) => one === 'reset'),
    );
    expect((await outcomes('echo')).length).toBe(10);
    await waitFor('nothing to be held', async () => (await balancer.active()) === 0);
  });

  it('from the server to the client', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 10, command: 'hold' });
    await lab.standIn(1).reset(5061);
    const states = await waitFor('the clients to notice', async () => {
      const now = await lab.crowd.states(idsOf(held));
      return now.every((state) => !state.open) ? now : null;
    });
    expect(states.map((state) => state.error)).toEqual(states.map(() => 'ECONNRESET'));
    await waitFor('nothing to be held', async () => (await balancer.active()) === 0);
    await lab.crowd.close();
  });

  it('in the middle of a transfer, from either end', async () => {
    const down = await lab.crowd.startTalk({
      host: VIP,
      port: 5061,
      command: 'send 50000000',
      stalled: true,
    });
    await waitFor('data to be under way', async () => (await outcomes('send')).length === 1);
    await lab.standIn(1).reset(5061);
    await lab.crowd.resumeTalks([down]);
    const [talk] = await lab.crowd.finishTalks([down]);
    expect(talk).toMatchObject({ error: 'ECONNRESET', ended: false });

    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 4, command: 'stall' });
    await lab.crowd.say(idsOf(held), 'x'.repeat(100_000));
    await lab.crowd.close(idsOf(held), 'reset');
    await lab.standIn(1).resume(5061);
    await waitFor('the resets at the server', async () => {
      const seen = await outcomes('stall');
      return seen.length === 4 && seen.every((one) => one === 'reset');
    });
    await waitFor('nothing to be held', async () => (await balancer.active()) === 0);
  });

  it('a client that connects and resets at once leaves nothing', async () => {
    for (let i = 0; i < 20; i += 1) {
      const held = await lab.crowd.open({ host: VIP, port: 5061, count: 10, withoutGreeting: true });
      await lab.crowd.close(idsOf(held), 'reset');
    }
    await waitFor('nothing to be held', async () => (await balancer.active()) === 0);
    expect(await balancer.connections()).toEqual([]);
  });
});

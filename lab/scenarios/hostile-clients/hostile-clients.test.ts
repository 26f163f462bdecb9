/** Clients that mean ill: whatever they do, nothing is held for ever, and everybody else is served meanwhile. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { blackHole, fillHole, hearSynAcks, ignoreSynAcks } from '../../net/packets.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const MANY = 150;
const IDLE_MS = 1500;

onEachPlane('hostile clients', (plane) => {
  let lab: Lab;
  let balancer: Balancer;
  let descriptors: number;

  beforeAll(async () => {
    lab = await buildLab({ plane, servers: 2, ports: [5061] });
    const timeouts = { idle: `${IDLE_MS}ms`, connect: '400ms' };
    // So slow to fall that a black hole of a few seconds stays unnoticed: connects have to end by their own timeout.
    const healthCheck = { interval: '500ms', timeout: '500ms', rise: 1, fall: 20 };
    balancer = await lab.balance(
      labConfig({ plane, servers: serversOf(lab.network.servers), defaults: { timeouts, healthCheck } }),
    );
    await lab.crowd.open({ host: VIP, port: 5061, count: MANY, command: 'echo' });
    await lab.crowd.close();
  });
  beforeEach(async () => {
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
    descriptors = balancer.descriptors();
  });
  /** After each of them: no count, no descriptor, no connection at a server is left, and service goes on. */
  afterEach(async () => {
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
    // A check may hold one descriptor a server while we look.
    await waitFor('the descriptors to be given back', () => balancer.descriptors() <= descriptors + 2);
    await waitFor('the servers to hold nothing', async () =>
      (await Promise.all(lab.standIns.map((one) => one.kernelConnections(5061)))).every(
        (count) => count === 0,
      ),
    );
    await waitFor('a decent client to be served', async () => {
      const [next] = await lab.crowd.open({ host: VIP, port: 5061, count: 1, command: 'echo' });
      return next?.error === null;
    });
    await lab.crowd.close(undefined, 'reset');
  });
  afterAll(() => lab?.close());

  /** Waits until all are closed; returns how they ended, each way once. */
  async function endings(ids: readonly number[]): Promise<(string | null)[]> {
    const states = await waitFor('all of them to be gone', async () => {
      const now = await lab.crowd.states(ids);
      return now.every((state) => !state.open) ? now : null;
    });
    return [...new Set(states.map((state) => state.error))];
  }

  it('sends nothing', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: MANY });
    expect(await endings(idsOf(held))).toEqual(['ECONNRESET']);
  });

  it('sends a byte a while, more slowly than the idle limit, or for a while and then no more', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: MANY, command: 'hold' });
    const startedAt = Date.now();
    await waitFor(
      'longer than the idle limit',
      async () => {
        await lab.crowd.say(idsOf(held), 'x');
        return Date.now() - startedAt > IDLE_MS + 500;
      },
      { everyMs: 400 },
    );
    expect((await lab.crowd.states(idsOf(held))).filter((state) => !state.open)).toEqual([]);
    expect(await endings(idsOf(held))).toEqual(['ECONNRESET']);
  });

  it('never completes its handshakes', async () => {
    await ignoreSynAcks(lab.network.client);
    const tried = await lab.crowd.open({ host: VIP, port: 5061, count: MANY, timeoutMs: 200 });
    await hearSynAcks(lab.network.client);
    expect(new Set(tried.map((state) => state.error))).toEqual(new Set(['TIMEOUT']));
    // The kernel plane holds a place for each while the server waits for it, and gives it back at the connect timeout.
    expect(await balancer.active()).toBeLessThanOrEqual(plane === 'proxy' ? 0 : MANY);
    await lab.crowd.close(idsOf(tried), 'reset');
  });

  it('resets at once after the handshake', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: MANY, withoutGreeting: true });
    await lab.crowd.close(idsOf(held), 'reset');
    expect(await lab.crowd.states()).toEqual([]);
  });

  it('resets while the balancer still waits for the server', async () => {
    await Promise.all(lab.network.servers.map((host) => blackHole(host)));
    // On the kernel plane nobody has answered them yet.
    const timeoutMs = plane === 'proxy' ? 10_000 : 100;
    const open = { host: VIP, port: 5061, count: MANY, withoutGreeting: true, timeoutMs };
    const held = await lab.crowd.open(open);
    await waitFor('the balancer to be connecting', async () => (await balancer.active()) > 0);
    await lab.crowd.close(idsOf(held), 'reset');
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
    await Promise.all(lab.network.servers.map((host) => fillHole(host)));
    expect((await balancer.servers()).map((row) => row.health)).toEqual(['up', 'up']);
  });

  it('resets in the middle of what it asked for', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 40, command: 'send 3000000' });
    await lab.crowd.close(idsOf(held), 'reset');
    expect(await lab.crowd.states()).toEqual([]);
  });

  it('asks for much, ends its half, and reads nothing', async () => {
    const ids: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      ids.push(await lab.crowd.startTalk({ host: VIP, port: 5061, command: 'send 30000000', stalled: true }));
    }
    await waitFor('the balancer to give them up', async () => (await balancer.active()) === 0);
    await lab.crowd.resumeTalks(ids);
    const talks = await lab.crowd.finishTalks(ids);
    expect(new Set(talks.map((talk) => talk.error))).toEqual(new Set(['ECONNRESET']));
  });

  it('ends its half and then resets, or never comes back', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: MANY, command: 'hold' });
    await lab.crowd.halfClose(idsOf(held));
    await lab.crowd.close(idsOf(held).slice(0, MANY / 2), 'reset');
    expect(await endings(idsOf(held).slice(MANY / 2))).toEqual(['ECONNRESET']);
  });
});

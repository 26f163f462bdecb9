/** A server that answers nothing any more: connects time out and go elsewhere, then the checks see it too. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { blackHole, fillHole } from '../../net/packets.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

onEachPlane('black-holed server', (plane) => {
  /**
   * When a connect is tried elsewhere: the proxy plane does so at its timeout. On the kernel plane the client's own second
   * SYN, after a second, finds that its server was given up; the timeout is for those that come back no more.
   */
  const LATE_MS = plane === 'proxy' ? 250 : 900;
  const connect = plane === 'proxy' ? '250ms' : '4s';
  let lab: Lab;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061] });
  });
  afterEach(() => lab.crowd.close(undefined, 'reset'));
  afterAll(() => lab?.close());

  function config(onDown: 'reset' | 'keep'): ReturnType<typeof labConfig> {
    const timeouts = { connect };
    return labConfig({ plane, servers: serversOf(lab.network.servers), defaults: { timeouts, onDown } });
  }

  it('connects are tried elsewhere; at the verdict its connections are reset (onDown: reset)', async () => {
    const balancer = await lab.balance(config('reset'));
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 30, command: 'echo' });
    expect(byServer(held)).toEqual({ fe01: 10, fe02: 10, fe03: 10 });

    await blackHole(lab.network.server(1));
    const during = await lab.crowd.open({ host: VIP, port: 5061, count: 12, command: 'echo' });
    expect(during.map((state) => state.error)).toEqual(during.map(() => null));
    expect(idsOf(during, 'fe01')).toEqual([]);
    const late = during.filter((state) => state.openMs >= LATE_MS);
    expect(late.length).toBe(4);
    const tried = await balancer.server('fe01');
    expect(tried).toMatchObject({ redispatches: 4, connectTimeouts: plane === 'proxy' ? 4 : 0 });

    const down = await balancer.waitHealth('fe01', 'down');
    expect(down.checks.map((check) => check.result)).toEqual(['L4TOUT']);
    await waitFor('the clients of the silent server to be reset', async () =>
      (await lab.crowd.states(idsOf(held, 'fe01'))).every((state) => state.error === 'ECONNRESET'),
    );
    expect(
      await lab.crowd.exchange([...idsOf(held, 'fe02'), ...idsOf(held, 'fe03'), ...idsOf(during)]),
    ).toEqual([]);
    expect((await balancer.server('fe01')).active).toBe(0);

    await fillHole(lab.network.server(1));
    await balancer.waitHealth('fe01', 'up');
    const after = await lab.crowd.open({ host: VIP, port: 5061, count: 3, command: 'echo' });
    expect(byServer(after)).toEqual({ fe01: 3 });
  });

  it('onDown: keep leaves them, and they go on when the server is back', async () => {
    const balancer = await lab.balance(config('keep'));
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 30, command: 'echo' });
    await blackHole(lab.network.server(1));
    await balancer.waitHealth('fe01', 'down');
    const during = await lab.crowd.open({ host: VIP, port: 5061, count: 10, command: 'echo' });
    expect(byServer(during)).toEqual({ fe02: 5, fe03: 5 });
    const kept = await lab.crowd.states(idsOf(held, 'fe01'));
    expect(kept.map((state) => state.open)).toEqual(kept.map(() => true));
    expect((await balancer.server('fe01')).active).toBe(10);
    await fillHole(lab.network.server(1));
    await balancer.waitHealth('fe01', 'up');
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
  });
});

/** The same over IPv6: VIP, servers, checks, refusal. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patternDigest } from '../../agent/pattern.ts';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { VIP, VIP6 } from '../../net/network.ts';
import { blackHole, fillHole } from '../../net/packets.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const MANY = 1024 * 1024;

onEachPlane('IPv6', (plane) => {
  /** What the kernel plane does with a silent server, black-hole shows. */
  const connect = plane === 'proxy' ? '250ms' : '4s';
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061] });
    const servers = lab.network.servers.map((host) => ({ name: host.role, address: host.ipv6 }));
    const config = labConfig({ plane, servers, vip: VIP6, defaults: { timeouts: { connect } } });
    const mixed = { name: 'ocs4', vip: VIP, pool: 'ocspool', ports: [5061], scheduler: 'wlc' };
    const services = config['virtualServices'] as object[];
    balancer = await lab.balance({
      ...config,
      virtualServices: plane === 'proxy' ? [...services, mixed] : services,
    });
  });
  afterAll(() => lab?.close());

  it('spreads, forwards and half-closes', async () => {
    const held = await lab.crowd.open({ host: VIP6, port: 5061, count: 30, command: 'echo' });
    expect(byServer(held)).toEqual({ fe01: 10, fe02: 10, fe03: 10 });
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
    const [row] = await balancer.connections();
    expect(row?.vip).toBe(`[${VIP6}]:5061`);
    expect(row?.client).toMatch(/^\[2001:db8::10\]:\d+$/);
    const talk = await lab.crowd.startTalk({
      host: VIP6,
      port: 5061,
      command: `after-end ${MANY}`,
      bytes: 1000,
    });
    expect((await lab.crowd.finishTalks([talk]))[0]).toMatchObject({
      error: null,
      digest: patternDigest(MANY),
    });
    await lab.crowd.close();
  });

  // The kernel plane translates addresses of one family into others of the same.
  it.runIf(plane === 'proxy')('an IPv4 VIP serves the same servers', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 9, command: 'echo' });
    expect(byServer(held)).toEqual({ fe01: 3, fe02: 3, fe03: 3 });
    await lab.crowd.close();
  });

  it('checks, connect timeout, reset at the verdict and refusal', async () => {
    const held = await lab.crowd.open({ host: VIP6, port: 5061, count: 9, command: 'echo' });
    await blackHole(lab.network.server(1));
    const during = await lab.crowd.open({ host: VIP6, port: 5061, count: 6, command: 'echo' });
    expect(idsOf(during, 'fe01')).toEqual([]);
    expect(during.map((state) => state.error)).toEqual(during.map(() => null));
    await balancer.waitHealth('fe01', 'down');
    await waitFor('its clients to be reset', async () =>
      (await lab.crowd.states(idsOf(held, 'fe01'))).every((state) => state.error === 'ECONNRESET'),
    );
    await lab.standIn(2).unlisten(5061);
    await lab.standIn(3).unlisten(5061);
    await balancer.waitHealth('fe02', 'down');
    await balancer.waitHealth('fe03', 'down');
    const [refused] = await lab.crowd.open({ host: VIP6, port: 5061, count: 1 });
    expect(refused?.error).toBe('ECONNREFUSED');
    await fillHole(lab.network.server(1));
    await balancer.waitHealth('fe01', 'up');
    const [served] = await lab.crowd.open({ host: VIP6, port: 5061, count: 1 });
    expect(served?.server).toBe('fe01');
    await lab.crowd.close(undefined, 'reset');
  });
});

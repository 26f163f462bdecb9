/** A server dials the VIP that it is behind, as Front Ends do: it may be given itself. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfigTree, labConfig, serversOf, TWO_ARMED } from '../../balancer/config.ts';
import { byServer, Crowd, idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { buildLab, type Lab, onEachPlane, onOnePlane } from '../../scenario.ts';

const OPEN = { host: VIP, port: 5061, count: 12, command: 'echo' };

onEachPlane('a server and its own VIP', (plane) => {
  let lab: Lab;
  let onServer: Crowd;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061] });
    onServer = await Crowd.start(lab.network.server(1));
    await lab.balance(labConfig({ plane, servers: serversOf(lab.network.servers) }));
  });
  afterAll(() => lab?.close());

  it('is served by each, itself too', async () => {
    const held = await onServer.open(OPEN);
    expect(byServer(held)).toEqual({ fe01: 4, fe02: 4, fe03: 4 });
    expect(await onServer.exchange(idsOf(held))).toEqual([]);
    await onServer.close();
  });
});

// The proxy plane has no half-NAT.
onOnePlane('kernel', 'a server and its own VIP, two arms', () => {
  const plane = 'kernel';
  let lab: Lab;
  let onServer: Crowd;

  beforeAll(async () => {
    lab = await buildLab({ plane, arms: 'two-armed', ports: [5061] });
    onServer = await Crowd.start(lab.network.server(1));
  });
  afterAll(() => lab?.close());

  const config = (nat: string): ConfigTree =>
    labConfig({ plane, topology: TWO_ARMED, servers: serversOf(lab.network.servers), service: { nat } });

  it('full-NAT: is served by each, itself too', async () => {
    await lab.balance(config('full'));
    const held = await onServer.open(OPEN);
    expect(byServer(held)).toEqual({ fe01: 4, fe02: 4, fe03: 4 });
    expect(await onServer.exchange(idsOf(held))).toEqual([]);
    await onServer.close();
  });

  it('half-NAT: is served by none, for the others answer it directly; clients are served', async () => {
    await lab.balance(config('half'));
    const tried = await onServer.open({ ...OPEN, timeoutMs: 1500 });
    expect(tried.filter((one) => one.server !== null)).toEqual([]);
    await onServer.close(undefined, 'reset');
    const held = await lab.crowd.open(OPEN);
    expect(held.filter((one) => one.server === null)).toEqual([]);
    await lab.crowd.close();
  });
});

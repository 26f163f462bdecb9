/** A range of ten thousand ports on one VIP, as media relays have; and one that this machine cannot hold. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { byServer } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const TRIED = [50_000, 54_321, 59_999];

onEachPlane('a range of ports', (plane) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: TRIED });
  });
  afterAll(() => lab?.close());

  // The kernel plane opens none.
  it.runIf(plane === 'proxy')('more than its descriptors allow is refused, with the arithmetic', async () => {
    const config = labConfig({
      plane,
      servers: serversOf(lab.network.servers),
      ports: ['40000-59999'],
      checkPorts: [54_321],
    });
    const { code, stderr } = await Balancer.refused(lab.network, config, ['prlimit', '--nofile=15000:15000']);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      /20000 ports need as many listeners in each worker; .* limit of 15000 open descriptors/,
    );
  });

  it('ten thousand ports: connections of all of them count together, the metrics show the range as one', async () => {
    const config = labConfig({
      plane,
      servers: serversOf(lab.network.servers),
      ports: ['50000-59999'],
      checkPorts: [54_321],
    });
    const balancer = await lab.balance(config);
    for (const port of TRIED) {
      const held = await lab.crowd.open({ host: VIP, port, count: 30, command: 'echo' });
      expect(byServer(held)).toEqual({ fe01: 10, fe02: 10, fe03: 10 });
    }
    expect(await balancer.active()).toBe(90);
    const { body } = await balancer.request('GET', '/metrics');
    const open = body
      .split('\n')
      .filter((line) => line.startsWith('poolgate_virtual_service_open_connections{'));
    expect(open).toEqual([
      'poolgate_virtual_service_open_connections{virtual_service="ocs",port="50000-59999",protocol="tcp"} 90',
    ]);

    const fewer = labConfig({
      plane,
      servers: serversOf(lab.network.servers),
      ports: ['50000-54999', '55001-59999'],
      checkPorts: [54_321],
    });
    await balancer.mustApply(fewer);
    expect(await balancer.active()).toBe(90);
    await lab.crowd.close();
  });
});

/** Many ports, ranges, and ports that are another one at the servers; and the least config, by its profile. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labConfig, onPlane, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import type { HeldState } from '../../clients/held.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

/** What an Enterprise pool of Office Communications Server 2007 R2 listens on behind a load balancer. */
const ENTERPRISE_POOL = [80, 135, 443, 444, 5060, 5061, 5065, 5069, 5071, 5072, 5073, 5074, 8404];
const RANGE = Array.from({ length: 20 }, (_, i) => 50_000 + i);

onEachPlane('ports', (plane) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await buildLab({
      plane,
      servers: 2,
      ports: [...ENTERPRISE_POOL, ...RANGE, 4443, 6000, 6001, 6002],
    });
  });
  afterAll(() => lab?.close());

  async function ask(port: number): Promise<HeldState[]> {
    return lab.crowd.open({ host: VIP, port, count: 2, command: 'echo' });
  }

  it('ranges and mappings lead to the right port of the servers', async () => {
    const ports = [
      5061,
      '50000-50019',
      { port: 443, serverPort: 4443 },
      { port: '7000-7002', serverPort: 6000 },
    ];
    await lab.balance(labConfig({ plane, servers: serversOf(lab.network.servers), ports }));
    const wanted = [
      [5061, 5061],
      ...RANGE.map((port) => [port, port]),
      [443, 4443],
      [7000, 6000],
      [7001, 6001],
      [7002, 6002],
    ];
    for (const [port = 0, serverPort] of wanted) {
      const two = await ask(port);
      expect(two.map((state) => state.serverPort)).toEqual([serverPort, serverPort]);
      expect(byServer(two)).toEqual({ fe01: 1, fe02: 1 });
    }
    for (const port of [49_999, 50_020, 4443, 6000, 7003]) {
      expect((await ask(port)).map((state) => state.error)).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
    }
    await lab.crowd.close();
  });

  it('the least config of an Enterprise pool serves its ports and watches 5061 and 444', async () => {
    const balancer = await lab.balance({
      version: 1,
      ...onPlane(plane),
      pools: [
        {
          name: 'ocspool',
          profile: 'ocs-2007-r2/enterprise-pool',
          realServers: serversOf(lab.network.servers),
        },
      ],
      virtualServices: [{ name: 'ocs', vip: VIP, pool: 'ocspool' }],
    });
    // The profile's ports; plain SIP on 5060 is among them, and 80 is for certificate revocation lists.
    for (const port of ENTERPRISE_POOL) {
      const two = await ask(port);
      expect(
        two.map((state) => state.serverPort),
        `port ${port}`,
      ).toEqual([port, port]);
      expect(await lab.crowd.exchange(idsOf(two))).toEqual([]);
    }
    const row = await balancer.server('fe01');
    expect(row.checks.map((check) => check.port).sort()).toEqual([444, 5061]);
    const effective = await balancer.cli('config', 'show', '--effective');
    expect(effective).toMatchObject({ code: 0 });
    expect(effective.stdout).toContain('30m');
    await lab.crowd.close();
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  });
});

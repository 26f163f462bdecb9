/** Limits of servers, of the service and of each source: exactly so many, the others reset, each kind counted by name. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, Crowd, idsOf } from '../../clients/crowd.ts';
import type { HeldState } from '../../clients/held.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const SOURCES = ['10.0.0.100', '10.0.0.101', '10.0.0.102'];
onEachPlane('limits', (plane) => {
  /** The proxy plane has accepted a connection before it counts it; the kernel plane answers the SYN. */
  const RESET = plane === 'proxy' ? 'none (ECONNRESET)' : 'none (ECONNREFUSED)';
  let lab: Lab;
  let balancer: Balancer;
  let second: Crowd;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061] });
    second = await Crowd.start(lab.network.client);
    for (const address of SOURCES) {
      await lab.network.client.must('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0']);
    }
    balancer = await lab.balance(config([0, 0, 0]));
  });
  afterAll(() => lab?.close());

  function config(most: readonly number[], service: ConfigTree = {}): ConfigTree {
    const servers = serversOf(lab.network.servers).map((one, i) => ({
      ...one,
      maxConnections: most[i] ?? 0,
    }));
    return labConfig({ plane, servers, service });
  }

  /** 600 at once by two programs. */
  async function crowd(): Promise<HeldState[]> {
    const half = { host: VIP, port: 5061, count: 300, command: 'echo' };
    return (await Promise.all([lab.crowd.open(half), second.open(half)])).flat();
  }

  async function leave(): Promise<void> {
    await Promise.all([lab.crowd.close(), second.close()]);
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  }

  async function limited(): Promise<Record<string, number>> {
    return (await balancer.status()).services[0]!.limited;
  }

  it('600 at once end exactly at the limits of the servers, which a live change sets', async () => {
    const [open] = await lab.crowd.open({ host: VIP, port: 5061, count: 1, command: 'echo' });
    await balancer.mustApply(config([60, 100, 200]));
    const all = [open!, ...(await crowd())];
    expect(byServer(all)).toEqual({ fe01: 60, fe02: 100, fe03: 200, [RESET]: 241 });
    const rows = await balancer.servers();
    expect(rows.map((row) => [row.active, row.maxConnections])).toEqual([
      [60, 60],
      [100, 100],
      [200, 200],
    ]);
    const held = await Promise.all(lab.standIns.map((one) => one.openConversations(5061)));
    expect(held.map((list) => list.length)).toEqual([60, 100, 200]);
    expect(await limited()).toMatchObject({ atServerLimits: 241 });
    expect((await balancer.cli('servers')).stdout).toMatch(/ 60\/60 /);
    await balancer.mustApply(config([0, 0, 0]));
    expect(await lab.crowd.exchange([open!.id])).toEqual([]);
    await leave();
  });

  it('600 at once end exactly at the limit of the service', async () => {
    await balancer.mustApply(config([0, 0, 0], { maxConnections: 150 }));
    expect(byServer(await crowd())).toEqual({ fe01: 50, fe02: 50, fe03: 50, [RESET]: 450 });
    expect(await limited()).toMatchObject({ atServiceLimit: 450 });
    await leave();
  });

  it('each source has its own share, and one that takes too much takes it from nobody', async () => {
    await balancer.mustApply(config([0, 0, 0], { limits: { connectionsPerSource: 30 } }));
    const all = await Promise.all(
      SOURCES.map((from, i) =>
        lab.crowd.open({ host: VIP, port: 5061, count: [200, 31, 5][i]!, command: 'echo', from }),
      ),
    );
    expect(all.map((own) => idsOf(own.filter((one) => one.server !== null)).length)).toEqual([30, 30, 5]);
    expect(await limited()).toMatchObject({ atSourceLimit: 171 });
    await leave();
  });

  it('a source that opens too many in a second is slowed down, others are not', async () => {
    await balancer.mustApply(config([0, 0, 0], { limits: { newConnectionsPerSecondPerSource: 10 } }));
    const startedAt = Date.now();
    const burst = await lab.crowd.open({
      host: VIP,
      port: 5061,
      count: 100,
      command: 'echo',
      from: SOURCES[0]!,
    });
    const taken = burst.filter((one) => one.server !== null).length;
    expect(taken).toBeGreaterThanOrEqual(10);
    expect(taken).toBeLessThanOrEqual(10 + Math.ceil((Date.now() - startedAt) / 100));
    const others = await lab.crowd.open({
      host: VIP,
      port: 5061,
      count: 10,
      command: 'echo',
      from: SOURCES[1]!,
    });
    expect(byServer(others)).not.toHaveProperty(RESET);
    await waitFor('the first to be taken again', async () => {
      const again = await lab.crowd.open({
        host: VIP,
        port: 5061,
        count: 1,
        command: 'echo',
        from: SOURCES[0]!,
      });
      return again[0]!.server !== null;
    });
    const page = (await balancer.request('GET', '/metrics')).body;
    const refused = 'poolgate_virtual_service_source_rate_refused_connections_total';
    expect(Number(new RegExp(`^${refused}\\{.*\\} (\\d+)$`, 'm').exec(page)?.[1])).toBeGreaterThanOrEqual(
      100 - taken,
    );
    await leave();
  });
});

/** Source addresses with a hundred ports each: each port serves each server once, and what comes of one too many. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import type { HeldState } from '../../clients/held.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const PORTS = 100;
const FIRST = '10.0.0.44';
const ALL = [FIRST, '10.0.0.45', '10.0.0.46', '10.0.0.47'];

interface SourceRow {
  readonly address: string;
  readonly ports: number;
  readonly used: number;
  readonly fullest: { readonly realServer: string; readonly used: number; readonly free: number } | null;
}

onEachPlane('SNAT pool', (plane) => {
  let lab: Lab;

  beforeEach(async () => {
    lab = await buildLab({ plane, ports: [5061], servers: 2 });
    for (const address of ALL) {
      await lab.network.balancer.must('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0']);
    }
  });
  afterEach(() => lab?.close());

  function start(snatPool: readonly string[]): Promise<Balancer> {
    const timeouts = { connect: '500ms' };
    const config = labConfig({ plane, servers: serversOf(lab.network.servers), defaults: { timeouts } });
    const [service] = config.virtualServices as Record<string, unknown>[];
    Object.assign(service!, { snatPool, snatPorts: `20000-${20_000 + PORTS - 1}` });
    return lab.balance(config);
  }

  async function open(count: number): Promise<HeldState[]> {
    const held: HeldState[] = [];
    while (held.length < count) {
      const some = Math.min(100, count - held.length);
      held.push(...(await lab.crowd.open({ host: VIP, port: 5061, count: some, command: 'echo' })));
    }
    return held;
  }

  it.each([
    [1, [FIRST]],
    [4, ['10.0.0.44-10.0.0.47']],
  ])('%i address(es) carry a hundred connections each to each of two servers', async (count, snatPool) => {
    const balancer = await start(snatPool);
    const each = count * PORTS;
    const held = await open(2 * each);
    const [first] = held;
    expect(byServer(held)).toEqual({ fe01: each, fe02: each });

    const sources = await balancer.ask<SourceRow[]>('GET', '/api/v1/sources');
    expect(sources).toMatchObject(
      ALL.slice(0, count).map((address) => ({
        address,
        ports: PORTS,
        used: 2 * PORTS,
        fullest: { used: PORTS, free: 0 },
      })),
    );
    const { body } = await balancer.request('GET', '/metrics');
    for (const address of ALL.slice(0, count)) {
      expect(body).toContain(`poolgate_source_address_used_ports{source_address="${address}"} ${PORTS}\n`);
      expect(body).toContain(`poolgate_source_address_free_ports{source_address="${address}"} 0\n`);
    }
    const { stdout } = await balancer.cli('sources');
    expect(stdout).toMatch(
      new RegExp(`^${FIRST} +ocs +${PORTS} +${2 * PORTS} +ocspool/fe0[12] port 5061 +${PORTS} +0$`, 'm'),
    );
    await waitFor('the warning', async () =>
      (await balancer.events()).some(({ kind }) => kind === 'source-ports-low'),
    );

    const before = await shortages(balancer);
    // One too many: neither address nor server is left, so it is turned away and counted at both.
    const [more] = await lab.crowd.open({ host: VIP, port: 5061, count: 1, command: 'echo' });
    expect(more?.server).toBeNull();
    expect((await shortages(balancer)) - before).toBe(2);
    await waitFor('it to be given up', async () => (await balancer.active()) === 2 * each);
    expect(await balancer.active()).toBe(2 * each);

    // With one gone there is room for one. It goes by a reset: after an orderly end the port would rest in TIME_WAIT.
    await lab.crowd.close(idsOf([first!]), 'reset');
    await waitFor('the connection to be gone', async () => (await balancer.active()) < 2 * each);
    await waitFor('one more to be served', async () => (await open(1))[0]?.server, { timeoutMs: 45_000 });
    await lab.crowd.close();
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  });

  it('a server whose ports are used up gives way to the other one', async () => {
    const balancer = await start([FIRST]);
    // Ten times the weight, and so wanted for the first 110; it can have a hundred.
    await balancer.cli('weight', 'ocspool/fe01', '10');
    expect(byServer(await open(150))).toEqual({ fe01: PORTS, fe02: 50 });
    expect(await shortages(balancer)).toBeGreaterThan(0);
  });
});

/** Connections that found no source port for a server, over all servers, as the metrics count them. */
async function shortages(balancer: Balancer): Promise<number> {
  const { body } = await balancer.request('GET', '/metrics');
  const lines = body.matchAll(/^poolgate_real_server_source_shortages_total\{[^}]*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

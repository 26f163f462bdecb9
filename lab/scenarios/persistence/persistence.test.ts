/** Clients with addresses of their own come back to their server, while it can be had and for as long as the config says. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const CLIENTS = Array.from({ length: 12 }, (_, i) => `10.0.0.${100 + i}`);
/** Long enough for all clients to come twice; where nobody is to be forgotten, much longer. */
const SHORT = '4s';
const LONG = '10m';

onEachPlane('persistence', (plane) => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [443, 5061] });
    for (const address of CLIENTS) {
      await lab.network.client.must('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0']);
    }
    balancer = await lab.balance(config({}, SHORT));
  });
  afterAll(() => lab?.close());

  /** Round robin: only persistence brings a client back. */
  function config(pool: ConfigTree, timeout = LONG): ConfigTree {
    const persistence = { type: 'source-ip', timeout, maxEntries: 100 };
    return labConfig({
      plane,
      servers: serversOf(lab.network.servers),
      ports: [443, 5061],
      checkPorts: [5061],
      scheduler: 'rr',
      pool,
      service: { persistence },
    });
  }

  async function serverOf(from: string, port = 443): Promise<string | null> {
    const [held] = await lab.crowd.open({ host: VIP, port, count: 1, command: 'echo', from });
    await lab.crowd.close(idsOf([held!]));
    return held!.server;
  }

  async function serversOfAll(): Promise<(string | null)[]> {
    const found: (string | null)[] = [];
    for (const from of CLIENTS) found.push(await serverOf(from));
    return found;
  }

  async function known(): Promise<number> {
    const { services } = await balancer.status();
    return services[0]!.persistence!.entries;
  }

  it('each comes back to its server, on every port, and is forgotten after the timeout', async () => {
    const first = await serversOfAll();
    expect(new Set(first)).toEqual(new Set(['fe01', 'fe02', 'fe03']));
    expect(await Promise.all(CLIENTS.map((from) => serverOf(from, 5061)))).toEqual(first);
    expect(await known()).toBe(CLIENTS.length);
    const [held] = await lab.crowd.open({
      host: VIP,
      port: 443,
      count: 1,
      command: 'echo',
      from: CLIENTS[0]!,
    });
    await waitFor('all but the one that is connected to be forgotten', async () => (await known()) === 1);
    expect(await serverOf(CLIENTS[0]!)).toBe(held!.server);
    await lab.crowd.close();
    await waitFor('that one to be forgotten too', async () => (await known()) === 0);
  });

  it('a server that fails loses its clients to the others at once; who was elsewhere stays', async () => {
    await balancer.mustApply(config({}));
    const first = await serversOfAll();
    const held = await Promise.all(
      CLIENTS.map((from) => lab.crowd.open({ host: VIP, port: 443, count: 1, command: 'echo', from })),
    );
    await lab.standIn(1).unlisten(5061);
    await balancer.waitHealth('fe01', 'down');
    const second = await serversOfAll();
    expect(second).not.toContain('fe01');
    first.forEach((server, i) => expect(server === 'fe01' || second[i] === server).toBe(true));
    await lab.standIn(1).listen(5061);
    await balancer.waitHealth('fe01', 'up');
    expect(await serversOfAll()).toEqual(second);
    await lab.crowd.close(idsOf(held.flat()));
  });

  it('a drain keeps its clients only where the pool says so', async () => {
    const first = await serversOfAll();
    const mine = CLIENTS.filter((_, i) => first[i] === 'fe02');
    expect(mine.length).toBeGreaterThan(0);
    await balancer.mustApply(config({ drain: { keepPersistence: true } }));
    await balancer.setAdmin('fe02', 'drain');
    expect(await serversOfAll()).toEqual(first);
    expect(await serverOf(lab.network.client.ipv4)).not.toBe('fe02');
    await balancer.mustApply(config({ drain: { keepPersistence: false } }));
    expect(await serversOfAll()).not.toContain('fe02');
    await balancer.setAdmin('fe02', 'ready');
  });

  it('a reload that does not concern it leaves the table alone', async () => {
    const first = await serversOfAll();
    await balancer.mustApply(config({ onDown: 'keep' }));
    expect(await serversOfAll()).toEqual(first);
    const status = await balancer.cli('status');
    expect(status.stdout).toMatch(/Persistence of ocs: 1[23] of 100 clients/);
  });
});

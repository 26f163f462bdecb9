/**
 * A config that names a profile and nothing else: web ports within keep their clients, those for clients outside do not, and
 * publishing leads to the external ports of the servers.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import {
  CHECK_INTERVAL_MS,
  CHECK_TIMEOUT_MS,
  type ConfigTree,
  onPlane,
  serversOf,
} from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const CLIENTS = Array.from({ length: 6 }, (_, i) => `10.0.0.${100 + i}`);
const PORTS = [80, 443, 4443, 5061, 8080];

onEachPlane('profiles', (plane) => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: PORTS });
    for (const address of CLIENTS) {
      await lab.network.client.must('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0']);
    }
    balancer = await lab.balance(config('front-end-dns-lb'));
  });
  afterAll(() => lab?.close());

  function config(profile: string): ConfigTree {
    const pace = { interval: `${CHECK_INTERVAL_MS}ms`, timeout: `${CHECK_TIMEOUT_MS}ms` };
    const realServers = serversOf(lab.network.servers);
    return {
      version: 1,
      ...onPlane(plane),
      shutdownTimeout: '1s',
      defaults: { healthCheck: pace },
      pools: [{ name: 'fe', profile: `sfb-2019/${profile}`, realServers }],
      virtualServices: [{ name: 'web', vip: VIP, pool: 'fe' }],
    };
  }

  /** `fe01:443`, as the server says it. */
  async function answerTo(from: string, port: number): Promise<string> {
    const [held] = await lab.crowd.open({ host: VIP, port, count: 1, command: 'echo', from });
    await lab.crowd.close(idsOf([held!]));
    return `${held!.server}:${held!.serverPort}`;
  }

  async function serversFor(from: string, port: number): Promise<Set<string>> {
    const found = new Set<string>();
    for (let i = 0; i < 6; i++) found.add((await answerTo(from, port)).replace(/:.*/, ''));
    return found;
  }

  it('a client within has one server for 80 and 443, and one outside has any', async () => {
    for (const from of CLIENTS) {
      const within = await serversFor(from, 443);
      expect(within.size).toBe(1);
      expect(await serversFor(from, 80)).toEqual(within);
    }
    for (const port of [4443, 8080]) {
      expect(await serversFor(CLIENTS[0]!, port)).toEqual(new Set(['fe01', 'fe02', 'fe03']));
    }
  });

  it('is listed as the two services that it is run as', async () => {
    const { services } = await balancer.status();
    expect(services.map(({ name, persistence }) => [name, persistence?.entries ?? null])).toEqual([
      ['web', null],
      ['web:source-ip', CLIENTS.length],
    ]);
  });

  it('a server whose Front End service stops gets no web client', async () => {
    await lab.standIn(1).unlisten(5061);
    await balancer.waitHealth('fe01', 'down');
    for (const from of CLIENTS) expect(await serversFor(from, 443)).not.toContain('fe01');
    await lab.standIn(1).listen(5061);
    await balancer.waitHealth('fe01', 'up');
  });

  it('publishing leads from 443 to 4443 and from 80 to 8080', async () => {
    await balancer.mustApply(config('reverse-proxy'));
    expect(await answerTo(CLIENTS[0]!, 443)).toMatch(/^fe0\d:4443$/);
    expect(await answerTo(CLIENTS[0]!, 80)).toMatch(/^fe0\d:8080$/);
    expect(await serversFor(CLIENTS[0]!, 443)).toEqual(new Set(['fe01', 'fe02', 'fe03']));
  });
});

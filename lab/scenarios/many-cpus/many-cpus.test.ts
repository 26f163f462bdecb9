/**
 * Connections opened by several programs at once, each on a CPU of its own: the choice is exact, and what was opened is
 * closed again in the counts. The clients are the load generator of the benchmarks.
 */
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { buildPrograms, hold, Running, startServers } from '../../clients/programs.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const CLIENTS = 4;
const HELD_EACH = 600;
const OPENED_EACH = 3000;
const ECHO = 5060;
const ONCE = 443;
const SLOW = { timeoutMs: 60_000 };

const sourceOf = (i: number): string => `10.0.0.${100 + i}`;
const cpuOf = (i: number): number => i % availableParallelism();
const idle = (balancer: Balancer) =>
  waitFor('all counts to be zero', async () => (await balancer.active()) === 0, SLOW);

/** The same of every client, at once. */
function each<T>(start: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: CLIENTS }, (_, i) => start(i)));
}

onEachPlane('connections from many CPUs', (plane) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [444] });
    await buildPrograms();
    for (let i = 0; i < CLIENTS; i += 1)
      await lab.network.client.must('ip', ['address', 'add', `${sourceOf(i)}/24`, 'dev', 'eth0']);
    for (const server of lab.network.servers) {
      await startServers(server, 'echo', ECHO);
      await startServers(server, 'once', ONCE);
    }
  });
  afterAll(() => lab?.close());

  function config(scheduler: string): ConfigTree {
    const servers = serversOf(lab.network.servers, [1, 2, 3]);
    return labConfig({ plane, servers, ports: [ECHO, ONCE], checkPorts: [444], scheduler });
  }

  for (const scheduler of ['wlc', 'wrr']) {
    it(`${scheduler}: ${CLIENTS * HELD_EACH} held are exactly 1:2:3`, async () => {
      const balancer = await lab.balance(config(scheduler));
      const all = CLIENTS * HELD_EACH;
      const held = await each((i) =>
        hold(lab.network.client, `${VIP}:${ECHO}`, HELD_EACH, sourceOf(i), cpuOf(i)),
      );
      const wanted = [all / 6, all / 3, all / 2];
      expect((await balancer.servers()).map((row) => row.active)).toEqual(wanted);
      const atServers = await Promise.all(lab.standIns.map((one) => one.kernelConnections(ECHO)));
      expect(atServers).toEqual(wanted);
      const ended = await Promise.all(held.map((one) => one.finish<{ alive: number }>(60_000)));
      expect(ended.map(({ alive }) => alive)).toEqual(Array(CLIENTS).fill(HELD_EACH));
      await idle(balancer);
      expect((await balancer.servers()).map((row) => row.total)).toEqual(wanted);
    });
  }

  it(`wrr: ${CLIENTS * OPENED_EACH} that come and go were given out exactly 1:2:3, and nothing stays counted`, async () => {
    const balancer = await lab.balance(config('wrr'));
    const args = ['connect', '--to', `${VIP}:${ONCE}`, '--server-closes', '--count', String(OPENED_EACH)];
    // It ends at the count; by itself it would end after two seconds.
    args.push('--seconds', '60');
    const ended = await each((i) => {
      const own = ['--connections', '32', '--source', sourceOf(i)];
      return Running.start(lab.network.client, 'load', [...args, ...own], cpuOf(i)).finish<{
        wholeCount: number;
        errors: Record<string, number>;
      }>(60_000);
    });
    expect(ended.map(({ errors }) => Object.values(errors).reduce((a, b) => a + b, 0))).toEqual(
      Array(CLIENTS).fill(0),
    );
    expect(ended.map(({ wholeCount }) => wholeCount)).toEqual(Array(CLIENTS).fill(OPENED_EACH));
    await idle(balancer);
    const all = CLIENTS * OPENED_EACH;
    expect((await balancer.servers()).map((row) => row.total)).toEqual([all / 6, all / 3, all / 2]);
  });
});

/**
 * As many held connections as a large pool has, through four SNAT addresses: exactly by weight, nothing of them in the
 * daemon, little in the kernel, and nothing left when every client was killed. Clients and servers are the programs of the
 * benchmarks, several of each, for none may hold more than 20,000 descriptors. The proxy plane holds what its descriptors
 * allow: `held-connections`.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf, TWO_ARMED } from '../../balancer/config.ts';
import { buildPrograms, hold, type Running, startServers } from '../../clients/programs.ts';
import { LONG } from '../../long.ts';
import type { Host } from '../../net/host.ts';
import { bytesForEach, kernelMemory } from '../../net/kernel-memory.ts';
import { VIP } from '../../net/network.ts';
import { waitFor, waitSteady } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';

const plane = 'kernel';
const HELD = LONG ? 102_000 : 18_000;
const CLIENTS = 6;
const EACH = HELD / CLIENTS;
const PORT = 5060;
const SNAT = ['192.168.0.60', '192.168.0.61', '192.168.0.62', '192.168.0.63'];
/** KB of resident memory that may come with all of them: the heap's moods. */
const USER_KB = 4000;
/** Bytes of the kernel for an idle connection beyond what it costs without a balancer. */
const KERNEL_BYTES = 1536;
const SLOW = { timeoutMs: 120_000, everyMs: 100 };
/** A heap with room is not collected; a small one shows what is really held. */
const SMALL_HEAP = ['--max-semi-space-size=1', '--max-old-space-size=48'];

const sourceOf = (i: number): string => `10.0.0.${100 + i}`;
const widePorts = (host: Host): Promise<string> =>
  host.must('sh', ['-c', 'echo 1024 65535 > /proc/sys/net/ipv4/ip_local_port_range']);

onOnePlane(plane, `${HELD} held connections`, () => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, arms: 'two-armed', ports: [444] });
    await buildPrograms();
    const { client, balancer: host, servers } = lab.network;
    for (let i = 0; i < CLIENTS; i += 1)
      await client.must('ip', ['address', 'add', `${sourceOf(i)}/24`, 'dev', 'eth0']);
    await widePorts(client);
    await widePorts(host);
    for (const server of servers) await startServers(server, 'echo', PORT, 4);
  });
  afterAll(() => lab?.close());

  /**
   * Every client process with an address of its own, one after another: each gives its connections ten seconds to open,
   * which is not enough for all of them at once where clients, balancer and servers share two processors.
   */
  async function holdAll(to: string): Promise<Running[]> {
    const all: Running[] = [];
    for (let i = 0; i < CLIENTS; i += 1) all.push(await hold(lab.network.client, to, EACH, sourceOf(i)));
    return all;
  }

  async function atServers(): Promise<number[]> {
    return Promise.all(lab.standIns.map((one) => one.kernelConnections(PORT)));
  }

  const nothingAtServers = () =>
    waitFor('the servers to hold nothing', async () => (await atServers()).every((n) => n === 0), SLOW);

  /** By plain routing, with the same machines and programs. */
  async function withoutBalancer(): Promise<number> {
    const { balancer: router, servers } = lab.network;
    await router.must('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    const before = kernelMemory();
    const to = servers.map((host) => `${host.ipv4}:${PORT}`).join(',');
    const held = await holdAll(to);
    const bytes = bytesForEach(before, kernelMemory(), HELD);
    held.forEach((one) => one.kill());
    await nothingAtServers();
    await router.must('sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward']);
    return bytes;
  }

  it('exact by weight, no memory in the daemon, little in the kernel, and all counts go to zero', async () => {
    const direct = await withoutBalancer();
    balancer = await lab.balance(
      labConfig({
        plane,
        topology: TWO_ARMED,
        servers: serversOf(lab.network.servers, [1, 2, 3]),
        ports: [PORT],
        checkPorts: [444],
        service: { snatPool: [`${SNAT[0]}-${SNAT.at(-1)}`] },
      }),
      { nodeFlags: SMALL_HEAP },
    );
    for (let i = 0; i < 200; i += 1) await balancer.active();
    const before = { kernel: kernelMemory(), rssKb: balancer.rssKb(), descriptors: balancer.descriptors() };
    const held = await holdAll(`${VIP}:${PORT}`);

    const growthKb = balancer.rssKb() - before.rssKb;
    const bytes = bytesForEach(before.kernel, kernelMemory(), HELD);
    const prepared = balancer.bpfBytes() / (await balancer.status()).capacity;
    process.stdout.write(
      `${HELD} held: ${growthKb} KB more in the daemon; in the kernel ${bytes.toFixed(0)} bytes each, ` +
        `${direct.toFixed(0)} without a balancer; ${prepared.toFixed(0)} prepared for each that fits\n`,
    );
    expect(growthKb).toBeLessThan(USER_KB);
    expect(bytes + prepared - direct).toBeLessThan(KERNEL_BYTES);
    expect((await balancer.servers()).map((row) => row.active)).toEqual([HELD / 6, HELD / 3, HELD / 2]);
    expect(await atServers()).toEqual([HELD / 6, HELD / 3, HELD / 2]);
    await spreadOverSources();

    // One of them asks each of its connections once more and goes in order; the others are killed.
    const [decent, ...others] = held;
    expect(await decent?.finish<{ alive: number }>(60_000)).toMatchObject({ alive: EACH, unfinished: 0 });
    others.forEach((one) => one.kill());
    await nothingAtServers();
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0, SLOW);
    expect((await balancer.servers()).map((row) => row.total)).toEqual([HELD / 6, HELD / 3, HELD / 2]);
    expect(await waitSteady('its descriptors', () => balancer.descriptors())).toBeLessThanOrEqual(
      before.descriptors + 2,
    );
  }, 400_000);

  /** All four carry their share, as the servers see them. */
  async function spreadOverSources(): Promise<void> {
    const counts = new Map<string, number>();
    for (const host of lab.network.servers) {
      const table = await host.must('ss', ['-Htn', 'state', 'established', `sport = :${PORT}`]);
      for (const [, address = ''] of table.matchAll(/\s(192\.168\.0\.6\d):\d+\s*$/gm))
        counts.set(address, (counts.get(address) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted()).toEqual(SNAT);
    for (const count of counts.values()) expect(count).toBe(HELD / SNAT.length);
  }
});

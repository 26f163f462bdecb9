import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markOf, reasonNotToRun, TestBalancer, VIP } from '../bpf/test-balancer.ts';
import type { PacketWishes } from '../bpf/test-packets.ts';
import { Lifecycle, type Occurrence } from './lifecycle.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, what opens and ends: ${reason}\n`);

/** Port and end of each. */
function brief(told: readonly Occurrence[]): string[] {
  return told.map(({ ends, ended }) => `${ends.clientPort} ${ended ?? 'opened'}`);
}

function packets(first: number, flags: string): Partial<PacketWishes>[] {
  return Array.from({ length: 500 }, (_, i) => ({ from: ['198.51.100.7', first + i], flags, seq: 1 }));
}

describe.runIf(reason === null)('what opens and ends', () => {
  let balancer: TestBalancer;
  let lifecycle: Lifecycle | null;
  beforeEach(() => {
    balancer = new TestBalancer([{}, {}], {}, { connections: 60_000 });
    lifecycle = null;
  });
  afterEach(() => {
    lifecycle?.close();
    balancer.close();
  });

  function listen(): Lifecycle {
    lifecycle = new Lifecycle(balancer.program);
    return lifecycle;
  }

  function reset(port: number): void {
    balancer.fromClient(port, { flags: 'RST', seq: 2 });
  }

  test('is told once, with all that is known of it', () => {
    const told = listen();
    expect(told.take()).toEqual([]);
    balancer.open(7);
    balancer.open(7);
    balancer.fromClient(7, { flags: 'ACK', seq: 2, payload: 30 });
    const [opened, ...others] = told.take();
    expect(others).toEqual([]);
    expect(opened).toMatchObject({ ended: null, service: 0, pool: 0, server: 0, mark: markOf(0) });
    expect(opened?.ends).toEqual({
      protocol: 'tcp',
      client: '198.51.100.7',
      clientPort: 7,
      vip: VIP,
      vipPort: 5061,
    });
    balancer.fromClient(7, { flags: 'RST', seq: 32 });
    const [ended] = told.take();
    expect(ended).toMatchObject({ ended: 'client-reset', bytesIn: 30n, openedNs: opened?.openedNs });
    expect(told.take()).toEqual([]);
  });

  test('what was open before is told first; who does not listen is told nothing later', () => {
    balancer.open(1);
    const told = listen();
    expect(brief(told.take())).toEqual(['1 opened']);
    told.close();
    balancer.open(2);
    reset(1);
    expect(brief(listen().take())).toEqual(['2 opened']);
  });

  test('each way to end has its word', () => {
    const told = listen();
    for (const port of [1, 2, 3, 4]) balancer.open(port);
    balancer.toClient(1, { flags: 'RST ACK', seq: 0 });
    balancer.fromClient(2, { flags: 'FIN ACK', seq: 2 });
    balancer.toClient(2, { flags: 'FIN ACK', seq: 9 });
    balancer.setServers([{ lost: true, selectable: false }, {}]);
    balancer.open(3);
    balancer.setService({ idleNs: 1n });
    balancer.sweep();
    expect(
      brief(told.take())
        .filter((text) => !text.endsWith('opened'))
        .toSorted(),
    ).toEqual(['1 server-reset', '2 finished', '3 expired', '3 moved', '4 expired']);
  });

  test('more than the buffer holds: after the table was looked through, all that is open is known', () => {
    const told = listen();
    balancer.open(60_000);
    told.take();
    for (let port = 1; port <= 30_000; port++) balancer.open(port);
    reset(60_000);
    for (let port = 1; port <= 100; port++) reset(port);
    const open = new Map([[60_000, 1]]);
    for (const { ends, ended } of told.take()) {
      open.set(ends.clientPort, (open.get(ends.clientPort) ?? 0) + (ended === null ? 1 : -1));
    }
    const counts = [...open.values()];
    expect(counts.every((count) => count === 0 || count === 1)).toBe(true);
    expect(counts.filter((count) => count === 1)).toHaveLength(29_900);
    expect(open.get(60_000)).toBe(0);
    expect(told.take()).toEqual([]);
    reset(101);
    expect(brief(told.take())).toEqual(['101 client-reset']);
  });

  test('several CPUs at once: all open, all end', async () => {
    const told = listen();
    await balancer.fromSeveralCpus(
      [1, 1001].map((first) => [...packets(first, 'SYN'), ...packets(first, 'RST')]),
    );
    const all = told.take();
    expect(all.filter(({ ended }) => ended === null)).toHaveLength(1000);
    expect(all.filter(({ ended }) => ended === 'client-reset')).toHaveLength(1000);
  });
});

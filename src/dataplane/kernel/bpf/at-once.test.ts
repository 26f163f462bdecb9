import { afterEach, describe, expect, test } from 'vitest';
import { reasonNotToRun, TestBalancer } from './test-balancer.ts';
import type { PacketWishes } from './test-packets.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, several CPUs and the sweep: ${reason}\n`);

let balancer: TestBalancer;
afterEach(() => balancer?.close());

/** A packet from each of these ports of one client. */
function ports(first: number, count: number, flags: string): Partial<PacketWishes>[] {
  return Array.from({ length: count }, (_, i) => ({ from: ['198.51.100.7', first + i] as const, flags }));
}

function threeServers(): void {
  balancer = new TestBalancer([{}, {}, {}]);
}

describe.runIf(reason === null)('several CPUs at once', () => {
  test('600 held, weights 1:2:3: exactly 100, 200 and 300', async () => {
    balancer = new TestBalancer([{ weight: 1 }, { weight: 2 }, { weight: 3 }]);
    await balancer.fromSeveralCpus([0, 1, 2, 3].map((n) => ports(1 + n * 150, 150, 'SYN')));
    expect(balancer.active(3)).toEqual([100, 200, 300]);
  });

  test('the same SYN on all of them counts once, and its reset gives back once', async () => {
    threeServers();
    const same = ports(1, 300, 'SYN');
    await balancer.fromSeveralCpus([same, same, same]);
    expect(balancer.active(3)).toEqual([100, 100, 100]);
    const resets = ports(1, 300, 'RST');
    await balancer.fromSeveralCpus([resets, resets, resets]);
    expect(balancer.active(3)).toEqual([0, 0, 0]);
  });

  test('ports used again and again: opens equal closes', async () => {
    threeServers();
    const again = Array.from({ length: 2000 }, (_, i) => [
      ...ports(1 + (i % 7), 1, 'SYN'),
      ...ports(1 + (i % 7), 1, 'RST'),
    ]).flat();
    await balancer.fromSeveralCpus([again, again, again]);
    await balancer.fromSeveralCpus([ports(1, 7, 'RST')]);
    expect(balancer.active(3)).toEqual([0, 0, 0]);
  });
});

describe.runIf(reason === null)('the sweep', () => {
  test('idle connections expire and give their count back; active ones stay; ended ones are removed', async () => {
    balancer = new TestBalancer([{}, {}, {}], { idleNs: 1_000_000_000n });
    for (const port of [1, 2, 3]) balancer.open(port);
    balancer.fromClient(3, { flags: 'RST' });
    expect(balancer.sweep()).toMatchObject({ seen: 3n, expired: 0n, removed: 0n });
    let seq = 2;
    await expect
      .poll(
        () => {
          balancer.fromClient(2, { flags: 'ACK', seq: seq++, payload: 1 });
          return balancer.sweep()['expired'];
        },
        { timeout: 5000 },
      )
      .toBe(1n);
    expect(balancer.active(3)).toEqual([0, 1, 0]);
    await expect.poll(() => balancer.sweep()['seen'], { timeout: 5000 }).toBe(0n);
    expect(balancer.active(3)).toEqual([0, 0, 0]);
    expect(balancer.program.maps.connections.keys()).toEqual([]);
  });

  test('no limit: nothing expires', () => {
    threeServers();
    balancer.open(1);
    expect(balancer.sweep()).toMatchObject({ seen: 1n, expired: 0n });
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Expirations } from '../connections/expirations.ts';
import { unpin } from './program.ts';
import { reasonNotToRun, type ServiceWishes, TestBalancer, VIP } from './test-balancer.ts';
import type { Sizes } from './program.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, ring buffers: ${reason}\n`);

let balancer: TestBalancer;
let expirations: Expirations;
afterEach(() => {
  expirations?.close();
  balancer?.close();
});

function start(sizes: Sizes = {}, service: ServiceWishes = { idleNs: 1n, connectingNs: 1n }): void {
  balancer = new TestBalancer([{}], service, sizes);
  expirations = new Expirations(balancer.program);
}

function openPorts(first: number, count: number): void {
  for (let port = first; port < first + count; port++) balancer.open(port, { seq: port });
}

describe.runIf(reason === null)('what expired', () => {
  test('is told once, with its ends and numbers, the oldest first', () => {
    start();
    balancer.open(7, { seq: 41 });
    expect([...expirations.take()]).toEqual([]);
    balancer.sweep();
    const [told, ...others] = [...expirations.take()];
    expect(others).toEqual([]);
    expect(told?.ends()).toEqual({
      protocol: 'tcp',
      client: '198.51.100.7',
      clientPort: 7,
      vip: VIP,
      vipPort: 5061,
    });
    expect(told).toMatchObject({ clientNext: 42, serverNext: 0 });
    balancer.sweep();
    expect([...expirations.take()]).toEqual([]);
  });

  test('more than the buffer holds: nobody is lost, and the rest is told later, round and round', () => {
    start({ connections: 40_000 });
    openPorts(1, 30_000);
    const told = new Set<number>();
    const rounds: bigint[] = [];
    for (let round = 0; round < 8; round++) {
      const { untold } = balancer.sweep() as { untold: bigint };
      rounds.push(untold);
      for (const { ends, clientNext } of expirations.take()) {
        const { clientPort } = ends();
        expect(clientNext).toBe(clientPort + 1);
        expect(told.has(clientPort)).toBe(false);
        told.add(clientPort);
      }
      if (untold === 0n) break;
    }
    expect(rounds.length).toBeGreaterThan(1);
    expect(rounds.at(-1)).toBe(0n);
    expect(told.size).toBe(30_000);
    expect(balancer.active(1)).toEqual([0]);
  });

  test('a later process takes what the one before had no time for', () => {
    const root = mkdtempSync(join(tmpdir(), 'poolgate-bpffs-'));
    execFileSync('mount', ['-t', 'bpf', 'bpf', root]);
    try {
      const pins = join(root, 'poolgate');
      start({ pins });
      openPorts(1, 3);
      balancer.sweep();
      expirations.close();
      balancer.close();
      start({ pins });
      expect([...expirations.take()].map(({ ends }) => ends().clientPort)).toEqual(
        expect.arrayContaining([1, 2, 3]),
      );
      expirations.close();
      balancer.close();
      unpin(pins);
    } finally {
      execFileSync('umount', [root]);
      rmdirSync(root);
    }
  });
});

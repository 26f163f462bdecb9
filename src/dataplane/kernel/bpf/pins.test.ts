import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BpfProgram, unpin } from './program.ts';
import { reasonNotToRun, TestBalancer } from './test-balancer.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, pinned maps: ${reason}\n`);

describe.runIf(reason === null)('maps with names', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'poolgate-bpffs-'));
    execFileSync('mount', ['-t', 'bpf', 'bpf', root]);
  });
  afterAll(() => {
    execFileSync('umount', [root]);
    rmdirSync(root);
  });

  test('a later process goes on with connections and counts, and taking the names away leaves nothing', () => {
    const pins = join(root, 'poolgate');
    const before = new TestBalancer([{}, {}], {}, { pins });
    expect([1, 2, 3].map((port) => before.open(port))).toEqual([0, 1, 0]);
    before.close();

    const after = BpfProgram.load({ connections: 4096, pins });
    expect(after.maps.connections.keys()).toHaveLength(3);
    expect(after.maps.pool_states.get(0)).toMatchObject({ active: expect.arrayContaining([2, 1]) });
    after.close();

    expect(() => BpfProgram.load({ connections: 8192, pins })).toThrow(
      /(ways|connections).*parameter mismatch/,
    );
    expect(readdirSync(pins)).toContain('connections');
    unpin(pins);
    expect(existsSync(pins)).toBe(false);
    unpin(pins);
  });
});

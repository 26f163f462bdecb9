import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { dataPlaneContract } from '../dataplane.contract.ts';
import { createProxyPlane } from './plane.ts';

dataPlaneContract('proxy plane', () => createProxyPlane({ workers: 2 }));

test('a process with idle workers can exit at once, without closing the plane', () => {
  const script = join(mkdtempSync(join(tmpdir(), 'poolgate-exit-')), 'exit.mjs');
  const plane = new URL('plane.ts', import.meta.url).href;
  writeFileSync(
    script,
    `import { createProxyPlane } from '${plane}'; await createProxyPlane(); process.exit(7);`,
  );
  const { status } = spawnSync(process.execPath, [script], { timeout: 10_000 });
  rmSync(dirname(script), { recursive: true });
  expect(status).toBe(7);
});

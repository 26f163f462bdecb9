import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { dataPlaneContract } from '../dataplane.contract.ts';
import { createProxyPlane } from './plane.ts';

dataPlaneContract('proxy plane', () => createProxyPlane({ workers: 2 }));

test('a process with idle workers can exit at once, without closing the plane', () => {
  const plane = new URL('plane.ts', import.meta.url).href;
  const code = `const { createProxyPlane } = await import('${plane}'); await createProxyPlane(); process.exit(7)`;
  const run = (): void => {
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { timeout: 10_000 });
  };
  expect(run).toThrow(expect.objectContaining({ status: 7 }));
});

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { connectionCapacity, descriptorLimit, RESERVED_DESCRIPTORS } from './capacity.ts';

test('the limit is the one the shell names', () => {
  const shell = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  expect(String(descriptorLimit())).toBe(shell === 'unlimited' ? String(Number.MAX_SAFE_INTEGER) : shell);
});

test('two descriptors a connection beside the listeners and the reserve', () => {
  expect(connectionCapacity(20_000, 14)).toBe((20_000 - RESERVED_DESCRIPTORS - 14) / 2);
  expect(connectionCapacity(Number.MAX_SAFE_INTEGER, 13)).toBe(1_000_000);
});

test('a refusal shows the arithmetic', () => {
  expect(() => connectionCapacity(1024, 800)).toThrow(
    /800 ports need as many listeners in each worker; .* 1024 open descriptors .* room for 48 connections/,
  );
});

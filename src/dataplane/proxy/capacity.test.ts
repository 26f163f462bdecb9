import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { connectionCapacity, descriptorLimit, RESERVED_DESCRIPTORS } from './capacity.ts';

test('the limit is the one the shell names', () => {
  const shell = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  expect(String(descriptorLimit())).toBe(shell === 'unlimited' ? String(Number.MAX_SAFE_INTEGER) : shell);
});

test('two descriptors a connection beside the listeners and the reserve', () => {
  expect(connectionCapacity(20_000, 13, 2)).toBe((20_000 - RESERVED_DESCRIPTORS - 26) / 2);
  expect(connectionCapacity(Number.MAX_SAFE_INTEGER, 13, 2)).toBe(1_000_000);
});

test('a refusal shows the arithmetic', () => {
  expect(() => connectionCapacity(1024, 300, 2)).toThrow(
    /300 ports × 2 workers need 600 listeners; .* 1024 open descriptors .* room for 0 connections/,
  );
});

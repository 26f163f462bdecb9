import { expect, test } from 'vitest';
import type { PoolgateEvent } from '../state/contract.ts';
import { type Fault, unexplained } from './judgement.ts';
import type { Trouble } from './ledger.ts';

const T = Date.parse('2026-03-01T12:00:00Z');

function event(kind: PoolgateEvent['kind'], atMs: number, realServer?: string): PoolgateEvent {
  const at = new Date(T + atMs).toISOString();
  const message = `${kind} ${realServer ?? ''}`;
  return { seq: 1, at, kind, severity: 'info', message, actor: 'health', ...(realServer && { realServer }) };
}
function trouble(server: Trouble['server'], atMs: number): Trouble {
  return { server, text: 'cut', at: T + atMs };
}
const FAULT: Fault = { server: 'fe02', failedAt: T, mendedAt: null };
const DOWN = event('server-down', 2400, 'fe02');

test('connections cut on the failed server at its verdict are explained', () => {
  expect(unexplained([trouble('fe02', 2410), trouble(null, 2390)], [DOWN], [FAULT])).toEqual([]);
});

test('a connection cut on another server, or at another time, is not', () => {
  expect(unexplained([trouble('fe01', 2410)], [DOWN], [FAULT])).toEqual(['fe01: cut']);
  expect(unexplained([trouble('fe02', 9000)], [DOWN], [FAULT])).toEqual(['fe02: cut']);
  expect(unexplained([trouble(null, 9000)], [DOWN], [FAULT])).toEqual(['cut']);
});

test('a verdict that nobody caused is told, also on another server and after the mending', () => {
  expect(unexplained([], [DOWN], [])).toEqual(['server-down fe02']);
  expect(unexplained([], [event('server-down', 2400, 'fe01')], [FAULT])).toEqual(['server-down fe01']);
  expect(unexplained([], [DOWN], [{ ...FAULT, mendedAt: T - 5000 }])).toEqual(['server-down fe02']);
  expect(unexplained([], [DOWN], [{ ...FAULT, mendedAt: T + 100 }])).toEqual([]);
});

test('while no server is usable, and only then, clients are turned away', () => {
  const events = [event('pool-empty', 20_000), event('pool-usable', 30_000)];
  expect(unexplained([trouble(null, 20_500), trouble(null, 29_000)], events, [])).toEqual([]);
  expect(unexplained([trouble(null, 40_000)], events, [])).toEqual(['cut']);
  expect(unexplained([trouble('fe01', 25_000)], events, [])).toEqual(['fe01: cut']);
  expect(unexplained([trouble(null, 90_000)], events.slice(0, 1), [])).toEqual([]);
});

import { expect, test } from 'vitest';
import { isDraining, USABLE, verdictOf } from './usable.ts';

const ADMIN = ['ready', 'drain', 'maint'] as const;
const HEALTH = ['unknown', 'up', 'down'] as const;

test('of all states only ready, weight above 0 and up gets new connections', () => {
  for (const admin of ADMIN) {
    for (const health of HEALTH) {
      for (const weight of [0, 1, 65_535]) {
        const verdict = verdictOf(admin, weight, health);
        expect(verdict.selectable).toBe(admin === 'ready' && weight > 0 && health === 'up');
        expect(verdict.checked).toBe(admin !== 'maint');
        expect(verdict.reason === '').toBe(verdict.selectable);
      }
    }
  }
});

test('weight 0 is a drain, and says so in its own words', () => {
  expect(isDraining('ready', 0)).toBe(true);
  expect(isDraining('drain', 5)).toBe(true);
  expect(isDraining('maint', 0)).toBe(false);
  expect(isDraining('ready', 1)).toBe(false);
  expect(verdictOf('ready', 0, 'up').reason).toBe('weight 0');
  expect(verdictOf('drain', 0, 'down').reason).toBe('drain, down');
  expect(verdictOf('ready', 0, 'down').reason).toBe('weight 0, down');
  expect(USABLE.ready.down.reason).toBe('down');
});

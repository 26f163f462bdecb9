import { expect, test } from 'vitest';
import type { PlanStep } from '../state/contract.ts';
import { planWords } from './plan-words.ts';

const step = (change: Partial<PlanStep>): PlanStep => ({
  action: 'change',
  what: 'pool ocspool / server fe01 / weight',
  from: '1',
  to: '5',
  applies: 'live',
  cuts: null,
  ...change,
});

test.each<[PlanStep[], string]>([
  [[], 'comments or layout only'],
  [[step({})], 'pool ocspool / server fe01 / weight: 1 → 5'],
  [[step({ action: 'add', what: 'pool web', from: null })], 'added pool web'],
  [
    [step({ action: 'remove', what: 'virtual service web', to: null }), step({}), step({}), step({})],
    'removed virtual service web; pool ocspool / server fe01 / weight: 1 → 5; and 2 more',
  ],
  [[step({ what: 'fallback', from: null, to: '10.0.0.99:9081' })], 'fallback: none → 10.0.0.99:9081'],
])('%j', (steps, words) => {
  expect(planWords(steps)).toBe(words);
});

test('a long value is cut', () => {
  expect(planWords([step({ what: 'ports', to: '5060, '.repeat(50) })]).length).toBeLessThan(60);
});

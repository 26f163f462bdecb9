import { expect, test } from 'vitest';
import { strictlyInTurn } from './acts/in-turn.ts';
import { isProved, type Summary, summaryText } from './summary.ts';

const GOOD: Summary = {
  claims: [{ title: 'Connections alternate', ok: true, text: '12 in a row' }],
  notShown: [],
  servers: [{ name: 'fe01', connections: 40, answered: 39, cut: 1 }],
  lastWords: '',
};
function answers(text: string) {
  return text.split(' ').map((n) => ({ server: `fe0${n}` as 'fe01' }));
}
const STYLE = { columns: null, colour: false };

test('proved is what was claimed and seen, all of it', () => {
  const refuted = { title: 'Counts return to zero', ok: false, text: '3 still counted' };
  expect(isProved(GOOD)).toBe(true);
  expect(isProved({ ...GOOD, claims: [] })).toBe(false);
  expect(isProved({ ...GOOD, claims: [...GOOD.claims, refuted] })).toBe(false);
  expect(summaryText(GOOD, STYLE)).toContain('All of this was observed');
  expect(summaryText({ ...GOOD, claims: [...GOOD.claims, refuted] }, STYLE)).toMatch(
    /FAILED +Counts return to zero +3 still counted[^]*1 of 2 did not come true/,
  );
});

test('says per server what was counted, what was not shown, and what a lost balancer said', () => {
  const text = summaryText({ ...GOOD, notShown: ['fe02 fails'], lastWords: 'out of\u001b memory' }, STYLE);
  expect(text).toMatch(/SERVER +CONNECTIONS +REQUESTS ANSWERED +CUT OFF\nfe01 +40 +39 +1\n/);
  expect(text).toContain('Not shown: fe02 fails.');
  expect(text).toContain('out of\\u001b memory');
});

test('in turn means every third the same, and three different ones', () => {
  expect(strictlyInTurn(answers('2 3 1 2 3 1 2'))).toBe(true);
  expect(strictlyInTurn(answers('1 2 3 1 3 2'))).toBe(false);
  expect(strictlyInTurn(answers('1 1 1 1 1 1'))).toBe(false);
  expect(strictlyInTurn(answers('1 2 1 2 1 2'))).toBe(false);
  expect(strictlyInTurn([])).toBe(false);
});

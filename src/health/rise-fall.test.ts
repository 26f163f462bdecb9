import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Health } from '../state/contract.ts';
import { afterResult, serverHealth, UNKNOWN } from './rise-fall.ts';

const limits = { rise: 2, fall: 3 };

function verdicts(results: string): string {
  let standing = UNKNOWN;
  return [...results]
    .map((r) => {
      standing = afterResult(standing, r === '+', limits);
      return standing.verdict === 'up' ? 'U' : 'D';
    })
    .join('');
}

test.each([
  ['the first result decides', '+', 'U'],
  ['also when bad', '-', 'D'],
  ['fall in a row', '+---', 'UUUD'],
  ['rise in a row', '-++', 'DDU'],
  ['a good one between starts the count of fall anew', '+--+--+---', 'UUUUUUUUUD'],
  ['a bad one between starts the count of rise anew', '-+-+-++', 'DDDDDDU'],
])('%s: %s', (_, results, expected) => {
  expect(verdicts(results)).toBe(expected);
});

test('for any results the verdict is what the longest agreeing tail says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (results, rise, fall) => {
        let standing = UNKNOWN;
        let expected: Health = 'unknown';
        results.forEach((good, i) => {
          standing = afterResult(standing, good, { rise, fall });
          const tail = (n: number): boolean =>
            i + 1 >= n && results.slice(i + 1 - n, i + 1).every((r) => r === good);
          if (i === 0 || tail(good ? rise : fall)) expected = good ? 'up' : 'down';
          expect(standing.verdict).toBe(expected);
        });
      },
    ),
  );
});

test('one verdict per server', () => {
  expect(serverHealth('unknown', [])).toBe('up');
  expect(serverHealth('unknown', ['up', 'up'])).toBe('up');
  expect(serverHealth('up', ['up', 'down'])).toBe('down');
  expect(serverHealth('unknown', ['up', 'unknown'])).toBe('unknown');
  expect(serverHealth('unknown', ['down', 'unknown'])).toBe('down');
  expect(serverHealth('up', ['up', 'unknown'])).toBe('up');
  expect(serverHealth('down', ['up', 'unknown'])).toBe('down');
});

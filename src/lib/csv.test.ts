import { expect, test } from 'vitest';
import { csv } from './csv.ts';

test('quotes what needs it, and lets no cell become a formula', () => {
  expect(
    csv(
      ['a', 'b'],
      [
        ['plain', 'with, comma'],
        ['say "no"', 'two\nlines'],
        ['=1+1', '-'],
      ],
    ),
  ).toBe('a,b\nplain,"with, comma"\n"say ""no""","two\nlines"\n\'=1+1,\'-\n');
});

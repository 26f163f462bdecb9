import { expect, test } from 'vitest';
import { type Column, table } from './table.ts';

interface Row {
  readonly name: string;
  readonly count: number;
  readonly text: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: (r) => r.name },
  { title: 'COUNT', cell: (r) => String(r.count), align: 'right' },
  { title: 'TEXT', cell: (r) => r.text, shrinkTo: 6, colour: () => 'red' },
];
const ROWS = [
  { name: 'fe01', count: 7, text: 'connection refused' },
  { name: 'a', count: 12_345, text: 'fine' },
];

test('columns are as wide as their cells, numbers stand right', () => {
  expect(table(ROWS, COLUMNS, { columns: null, colour: false })).toBe(
    'NAME  COUNT  TEXT\nfe01      7  connection refused\na     12345  fine\n',
  );
});

test('a narrow window cuts the elastic column, and only as far as it may', () => {
  const narrow = table(ROWS, COLUMNS, { columns: 24, colour: false }).split('\n');
  expect(narrow[1]).toBe('fe01      7  connection…');
  expect(table(ROWS, COLUMNS, { columns: 5, colour: false })).toContain('fe01      7  conne…\n');
});

test('what need not be there is left out before anything gets too wide', () => {
  const columns = [COLUMNS[0]!, { ...COLUMNS[1]!, optional: true as const }, COLUMNS[2]!];
  expect(table(ROWS, columns, { columns: 19, colour: false })).toContain('fe01      7  conne…\n');
  expect(table(ROWS, columns, { columns: 14, colour: false })).toBe(
    'NAME  TEXT\nfe01  connect…\na     fine\n',
  );
});

test('colour changes no width, and cells cannot bring their own', () => {
  const rows = [{ name: '\u001b[2J', count: 1, text: 'x' }];
  const text = table(rows, COLUMNS, { columns: 80, colour: true });
  expect(text).toContain(String.raw`\u001b[2J`);
  expect(text).toContain('\u001b[31mx');
});

/** Rules as a table, as a page of text, and as data. */
import type { Rule } from '../rules/rule.ts';
import { type Column, table, type TableStyle } from './table.ts';
import { paint, printable } from './text.ts';

/** As JSON has it: all but the function. */
export function ruleView(rule: Rule): Omit<Rule, 'lint'> {
  const { lint: _, ...rest } = rule;
  return rest;
}

const COLOURS = { error: 'red', warning: 'yellow', info: null } as const;

const COLUMNS: readonly Column<Rule>[] = [
  { title: 'RULE', cell: ({ id }) => id },
  { title: 'SEVERITY', cell: ({ severity }) => severity, colour: ({ severity }) => COLOURS[severity] },
  { title: 'CHECKED BY', cell: ({ how }) => how.join(', ') },
  { title: 'WHAT MUST BE SO', cell: ({ title }) => title, shrinkTo: 30 },
];

export function rulesTable(rules: readonly Rule[], style: TableStyle): string {
  return table(rules, COLUMNS, style);
}

/** Where the window has no width of its own. */
const WIDTH = 100;

export function ruleText(rule: Rule, { columns, colour }: TableStyle): string {
  const { id, title, why, severity, how, checked, hint, products, sources, sample } = rule;
  const width = Math.max(40, Math.min(columns ?? WIDTH, 120));
  const rows: readonly (readonly [string, string])[] = [
    ['severity', severity],
    ['checked by', `${how.join(', ')}. ${checked}`],
    ['what to do', hint],
    ['products', products.join(', ')],
    ['sources', sources.join('; ')],
  ];
  const size = Math.max(...rows.map(([name]) => name.length)) + 2;
  const parts = [
    `${paint(`${id}  ${title}`, 'bold', colour)}\n`,
    ...wrap(why, width),
    '',
    ...rows.flatMap(([name, text]) =>
      wrap(text, width - size).map((line, n) => `${(n === 0 ? name : '').padEnd(size)}${line}`),
    ),
    ...(sample === null ? [] : ['', 'A config that keeps it:', '', ...indented(sample)]),
  ];
  return `${parts.join('\n')}\n`;
}

function indented(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
}

/** At blanks; a word that is longer than the line has one of its own. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

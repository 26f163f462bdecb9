/** The comparison of documents as table, JSON or CSV. */
import type { ComparedPort, Comparison } from '../catalogue/compare.ts';
import { csv } from '../lib/csv.ts';
import type { TextFormat } from './ports.ts';
import { type Column, table, type TableStyle } from './table.ts';
import { jsonText, paint } from './text.ts';

export function comparisonText(format: TextFormat, comparison: Comparison, style: TableStyle): string {
  if (format === 'json') return `${jsonText(comparison)}\n`;
  const columns = columnsOf(comparison);
  if (format === 'csv') {
    return csv(
      columns.map((column) => column.title),
      comparison.ports.map((port) => columns.map((column) => column.cell(port))),
    );
  }
  return table(comparison.ports, columns, style) + misses(comparison, style) + notes(comparison, style);
}

function columnsOf({ sources }: Comparison): Column<ComparedPort>[] {
  return [
    { title: 'PORT', cell: (p) => String(p.port), align: 'right' },
    ...sources.map(
      ({ key, name }): Column<ComparedPort> => ({
        title: name,
        cell: (p) => (p.listedBy[key] ? 'yes' : '-'),
        colour: (p) => (p.listedBy[key] ? null : 'yellow'),
      }),
    ),
    { title: 'Poolgate', cell: answer },
    { title: 'PURPOSE', cell: (p) => p.purpose, shrinkTo: 20, optional: true },
  ];
}

function answer({ answer, option }: ComparedPort): string {
  return option === null ? answer : `${answer} (${option})`;
}

function misses({ sources }: Comparison, { colour }: TableStyle): string {
  const lines = sources.map(({ name, title, has, misses }) => {
    const what = misses.length === 0 ? 'misses nothing' : `misses ${misses.join(', ')}`;
    return `  ${name}: ${has.length} ports, ${what} (${title})\n`;
  });
  return `\n${paint('What each has, and misses', 'bold', colour)}\n${lines.join('')}`;
}

function notes({ ports }: Comparison, { colour }: TableStyle): string {
  const lines = ports.flatMap((p) => (p.correction === null ? [] : [`  ${p.port}: ${p.correction}\n`]));
  return `\n${paint('Why Poolgate differs', 'bold', colour)}\n${lines.join('')}`;
}

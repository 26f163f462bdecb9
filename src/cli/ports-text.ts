/** Rows of the port catalogue as table, JSON or CSV. */
import { type CatalogueRow, type PortRow, portRow, portsText } from '../catalogue/row.ts';
import { csv } from '../lib/csv.ts';
import type { TextFormat } from './ports.ts';
import { type Column, table, type TableStyle } from './table.ts';
import { jsonText, paint } from './text.ts';

export function rowsText(format: TextFormat, rows: readonly CatalogueRow[], style: TableStyle): string {
  const data = rows.map(portRow);
  if (format === 'json') return `${jsonText(data)}\n`;
  if (format === 'csv') return csv(FIELDS, data.map(cells));
  return data.length === 0 ? '' : table(data, COLUMNS, style) + corrections(data, style);
}

const FIELDS = [
  'product',
  'role',
  'port',
  'portEnd',
  'transport',
  'protocol',
  'direction',
  'purpose',
  'loadBalanced',
  'source',
  'correction',
] as const satisfies readonly (keyof PortRow)[];

function cells(row: PortRow): string[] {
  return FIELDS.map((field) => String(row[field] ?? ''));
}

const COLUMNS: readonly Column<PortRow>[] = [
  { title: 'PRODUCT', cell: (r) => r.product },
  { title: 'ROLE', cell: (r) => r.role, shrinkTo: 20 },
  { title: 'PORT', cell: (r) => `${portsText(r)}/${r.transport}${r.correction === null ? '' : ' *'}` },
  { title: 'PROTOCOL', cell: (r) => r.protocol, shrinkTo: 8 },
  { title: 'DIRECTION', cell: (r) => r.direction },
  { title: 'VIP', cell: (r) => (r.loadBalanced ? 'yes' : 'no') },
  { title: 'PURPOSE', cell: (r) => r.purpose, shrinkTo: 30 },
  { title: 'SOURCE', cell: (r) => r.source, shrinkTo: 30, optional: true },
];

/** Below the table, because they are sentences; each once, with the ports that it is about. */
function corrections(rows: readonly PortRow[], { colour }: TableStyle): string {
  const texts = new Map<string, Set<string>>();
  for (const row of rows) {
    if (row.correction === null) continue;
    const about = texts.get(row.correction) ?? new Set();
    texts.set(row.correction, about.add(`${row.role} ${portsText(row)}/${row.transport}`));
  }
  if (texts.size === 0) return '';
  const lines = [...texts].map(([text, about]) => `  ${[...about].join(', ')}: ${text}\n`);
  return `\n${paint('* what a document has wrong, and why', 'bold', colour)}\n${lines.join('')}`;
}

/** Tables for the terminal: columns as wide as their cells; too wide for the window, the elastic ones give way. */
import { type Colour, paint, printable } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'right';
  readonly colour?: (row: Row) => Colour | null;
  /** May be cut, with an ellipsis, down to this width when the window is narrow. */
  readonly shrinkTo?: number;
}

export interface TableStyle {
  /** Width of the window; null when the output is no terminal and nothing is cut. */
  readonly columns: number | null;
  readonly colour: boolean;
}

const GAP = 2;

export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], style: TableStyle): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const natural = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((c) => width(c[at] ?? ''))),
  );
  const widths = style.columns === null ? natural : fit(natural, columns, style.columns);
  const head = columns.map((column, at) => pad(column.title, widths[at] ?? 0, column.align));
  const lines = rows.map((row, y) =>
    columns.map((column, at) => {
      const text = pad(cells[y]?.[at] ?? '', widths[at] ?? 0, column.align);
      return paint(text, column.colour?.(row) ?? null, style.colour);
    }),
  );
  const title = paint(join(head), 'bold', style.colour);
  return [title, ...lines.map(join)].map((line) => `${line}\n`).join('');
}

function join(cells: readonly string[]): string {
  return cells.join(' '.repeat(GAP)).trimEnd();
}

/** Takes what is too much from the widest elastic column first, cell by cell. */
function fit(
  natural: readonly number[],
  columns: readonly { shrinkTo?: number }[],
  window: number,
): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, w) => sum + w + GAP, -GAP) - window;
  while (excess > 0) {
    let widest = -1;
    for (const [at, column] of columns.entries()) {
      const room = (widths[at] ?? 0) > (column.shrinkTo ?? Infinity);
      if (room && (widths[at] ?? 0) > (widths[widest] ?? 0)) widest = at;
    }
    if (widest < 0) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
  return widths;
}

function pad(text: string, size: number, align: 'right' | undefined): string {
  const cut = width(text) > size ? `${[...text].slice(0, Math.max(0, size - 1)).join('')}…` : text;
  const fill = ' '.repeat(Math.max(0, size - width(cut)));
  return align === 'right' ? fill + cut : cut + fill;
}

/** Code points; enough for names and addresses. */
function width(text: string): number {
  return [...text].length;
}

/** Tables for the terminal: columns as wide as their cells; too wide for the window, the elastic ones give way. */
import { type Colour, paint, printable } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'right';
  readonly colour?: (row: Row) => Colour | null;
  /** May be cut, with an ellipsis, down to this width when the window is narrow. */
  readonly shrinkTo?: number;
  /** May be left out when cutting is not enough; the last such column goes first. */
  readonly optional?: true;
}

export interface TableStyle {
  /** Width of the window; null when the output is no terminal and nothing is cut. */
  readonly columns: number | null;
  readonly colour: boolean;
}

/** Blanks between columns. */
export const GAP = 2;

export function table<Row>(rows: readonly Row[], all: readonly Column<Row>[], style: TableStyle): string {
  const { head, lines } = tableCells(rows, all, style.columns);
  const painted = lines.map((cells) => cells.map(({ text, colour }) => paint(text, colour, style.colour)));
  const title = paint(join(head), 'bold', style.colour);
  return [title, ...painted.map(join)].map((line) => `${line}\n`).join('');
}

/** Padded, and safe to show. */
export interface Cell {
  readonly text: string;
  readonly colour: Colour | null;
}

/** A table before it becomes text. @param window width that it must fit in; null: as wide as it is */
export function tableCells<Row>(
  rows: readonly Row[],
  all: readonly Column<Row>[],
  window: number | null,
): { head: readonly string[]; lines: readonly (readonly Cell[])[] } {
  const { columns, widths } = layOut(rows, all, window);
  const head = columns.map((column, at) => pad(column.title, widths[at] ?? 0, column.align));
  const lines = rows.map((row) =>
    columns.map((column, at) => ({
      text: pad(printable(column.cell(row)), widths[at] ?? 0, column.align),
      colour: column.colour?.(row) ?? null,
    })),
  );
  return { head, lines };
}

function layOut<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  window: number | null,
): { columns: readonly Column<Row>[]; widths: readonly number[] } {
  const natural = columns.map((column) =>
    rows.reduce((most, row) => Math.max(most, width(printable(column.cell(row)))), column.title.length),
  );
  if (window === null) return { columns, widths: natural };
  const widths = fit(natural, columns, window);
  const dispensable = columns.findLast((column) => column.optional);
  if (total(widths) <= window || !dispensable) return { columns, widths };
  return layOut(
    rows,
    columns.filter((column) => column !== dispensable),
    window,
  );
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, w) => sum + w + GAP, -GAP);
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
  let excess = total(widths) - window;
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

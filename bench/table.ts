import { type PeerName, PEERS } from './peers/index.ts';
import type { Cell, Report, Row } from './report.ts';
import type { Summary } from './statistics.ts';

const HEADER = ['', 'median', 'min–max', '×HAProxy', 'min–max'] as const;

/** The report as text for a terminal. */
export function textReport(report: Report): string {
  const lines = [`${report.date}  ${machineLine(report)}`];
  for (const row of report.rows) {
    lines.push('', titleOf(row));
    lines.push(
      ...aligned([[...HEADER], ...row.cells.map((c) => [PEERS[c.peer].title, ...cellTexts(row, c)])]),
    );
  }
  lines.push('', generatorLine(report), ...troubles(report));
  return `${lines.join('\n').trimEnd()}\n`;
}

/** "new connections, /s (more is better)" and, where there is a floor, whether Poolgate keeps it. */
export function titleOf({ metric, kept }: Row): string {
  const floor =
    metric.floor === undefined ? '' : `; floor ${metric.better === 'more' ? '≥' : '≤'} ${metric.floor}×`;
  const verdict = kept === undefined ? '' : kept ? ', kept' : ', NOT kept';
  return `${metric.title}, ${metric.unit} (${metric.better} is better${floor}${verdict})`;
}

/** Median, range, ratio, range of the ratio. */
export function cellTexts(row: Row, cell: Cell): string[] {
  const { digits } = row.metric;
  const { summary, ratio } = cell;
  return [
    grouped(summary.median, digits),
    range(summary, digits),
    ratio?.median.toFixed(2) ?? '',
    ratio ? range(ratio, 2) : '',
  ];
}

export function machineLine({ machine }: Report): string {
  const kind = machine.virtual ? ' (virtual)' : '';
  return `${machine.cores} × ${machine.cpu}${kind}, ${machine.memoryGb} GB, ${machine.kernel}, TCP ${machine.congestionControl}, ${machine.system}`;
}

/** How far the load generator was from being the limit. */
export function generatorLine({ generatorBusy }: Report): string {
  const shares = Object.entries(generatorBusy).filter(([, share]) => share > 0);
  const texts = shares.map(
    ([peer, share]) => `${PEERS[peer as PeerName].title} ${Math.round(share * 100)} %`,
  );
  return texts.length > 0 ? `The load generator's threads were busy at most: ${texts.join(', ')}.` : '';
}

/** What was left out and what failed, one line each. */
export function troubles({ skipped, failures }: Report): string[] {
  return [
    ...skipped.map((s) => `SKIPPED ${PEERS[s.peer].title}: ${s.reason}`),
    ...failures.map((f) => `FAILED ${PEERS[f.peer].title}, ${f.measure}: ${f.message.split('\n')[0]}`),
  ];
}

function grouped(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function range({ least, greatest }: Summary, digits: number): string {
  return `${grouped(least, digits)}–${grouped(greatest, digits)}`;
}

function aligned(rows: string[][]): string[] {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((r) => r[column]?.length ?? 0)));
  return rows.map((r) =>
    r.map((t, i) => (i === 0 ? t.padEnd(widths[0] ?? 0) : t.padStart((widths[i] ?? 0) + 2))).join(''),
  );
}

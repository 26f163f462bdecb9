import { GROUPS } from './groups/index.ts';
import { PEERS, type PeerName } from './peers/index.ts';
import type { Cell, GroupReport, Judgement, Report, Row } from './report.ts';
import type { Summary } from './statistics.ts';

/** The report as text for a terminal. */
export function textReport(report: Report): string {
  const lines = [`${report.date}  ${machineLine(report)}`];
  for (const { group, reason } of report.leftOut)
    lines.push('', `LEFT OUT ${GROUPS[group].title}: ${reason}`);
  for (const group of report.groups) {
    lines.push('', `== ${GROUPS[group.name].title}`);
    for (const row of group.rows) {
      const cells = row.cells.map((c) => [PEERS[c.peer].title, ...cellTexts(group, row, c)]);
      lines.push('', titleOf(row), ...judgementLines(row), ...aligned([headerOf(group, row), ...cells]));
    }
    lines.push('', generatorLine(group), ...troubles(group));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** "new connections, /s (more is better)". */
export function titleOf({ metric }: Row): string {
  return `${metric.title}, ${metric.unit} (${metric.better} is better)`;
}

/** One line for each floor: what it is, whether it is kept. */
export function judgementLines({ metric, judgements }: Row): string[] {
  return judgements.map((j) => {
    const sign = metric.better === 'more' ? '≥' : '≤';
    const of = (limit: number) => `${sign} ${boundText(metric.compared, limit, j)}`;
    const goal = j.goal === undefined ? '' : `; goal ${of(j.goal)}: ${j.reached ? 'reached' : 'not reached'}`;
    return `floor ${of(j.limit)}: ${j.value.toFixed(2)}, ${j.kept ? 'kept' : 'NOT kept'}${goal}`;
  });
}

function boundText(how: 'ratio' | 'difference', limit: number, { to }: Judgement): string {
  if (to === null) return String(limit);
  const { title } = PEERS[to];
  return how === 'ratio' ? `${limit} × ${title}` : `${limit} above ${title}`;
}

export function headerOf({ name }: GroupReport, { metric }: Row): string[] {
  const sign = metric.compared === 'ratio' ? '×' : 'above ';
  const references = GROUPS[name].references.flatMap((r) => [`${sign}${PEERS[r].title}`, 'min–max']);
  return ['', 'median', 'min–max', ...references];
}

/** Median, range, and for each reference the comparison with its range. */
export function cellTexts({ name }: GroupReport, { metric }: Row, { summary, compared }: Cell): string[] {
  const references = GROUPS[name].references.flatMap((r: PeerName) => {
    const found = compared[r];
    return found ? [found.median.toFixed(2), range(found, 2)] : ['', ''];
  });
  return [grouped(summary.median, metric.digits), range(summary, metric.digits), ...references];
}

export function machineLine({ machine }: Pick<Report, 'machine'>): string {
  const kind = machine.virtual ? ' (virtual)' : '';
  return `${machine.cores} × ${machine.cpu}${kind}, ${machine.memoryGb} GB, ${machine.kernel}, TCP ${machine.congestionControl}, ${machine.system}`;
}

/** How far the load generator was from being the limit. */
export function generatorLine({ generatorBusy, idle }: GroupReport): string {
  const shares = Object.entries(generatorBusy).filter(([, share]) => share > 0);
  const texts = shares.map(
    ([peer, share]) => `${PEERS[peer as PeerName].title} ${Math.round(share * 100)} %`,
  );
  if (texts.length === 0) return '';
  const others = `While nothing was measured, ${Math.round(idle * 100)} % of one core was busy.`;
  return `The load generator's threads were busy at most: ${texts.join(', ')}. ${others}`;
}

/** What was left out and what failed, one line each. */
export function troubles({ skipped, failures }: GroupReport): string[] {
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
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((r) => r[i]?.length ?? 0)));
  return rows.map((r) =>
    r.map((t, i) => (i === 0 ? t.padEnd(widths[0] ?? 0) : t.padStart((widths[i] ?? 0) + 2))).join(''),
  );
}

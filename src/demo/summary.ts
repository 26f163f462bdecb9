/** What was shown, said at the end, and whether all of it is true. */
import { type Column, type TableStyle, table } from '../cli/table.ts';
import { paint, printableLines } from '../cli/text.ts';
import type { ServerTally } from './ledger.ts';
import type { Claim } from './stage.ts';

export interface ServerLine extends ServerTally {
  readonly name: string;
  /** As the balancer counted them. */
  readonly connections: number;
}

export interface Summary {
  readonly claims: readonly Claim[];
  /** Titles of the acts that there was no time for. */
  readonly notShown: readonly string[];
  readonly servers: readonly ServerLine[];
  /** What the balancer said last, if it ended before its time. */
  readonly lastWords: string;
}

/** True when something was shown and all of it was seen to be so. */
export function isProved({ claims }: Summary): boolean {
  return claims.length > 0 && claims.every((claim) => claim.ok);
}

export function summaryText(summary: Summary, style: TableStyle): string {
  const parts = [table(summary.claims, CLAIM_COLUMNS, style)];
  if (summary.servers.length > 0) parts.push(table(summary.servers, SERVER_COLUMNS, style));
  if (summary.notShown.length > 0) parts.push(`Not shown: ${summary.notShown.join(' · ')}.\n`);
  if (summary.lastWords !== '') parts.push(`The balancer said last:\n${printableLines(summary.lastWords)}\n`);
  return `${parts.join('\n')}\n${verdict(summary, style)}\n`;
}

function verdict(summary: Summary, { colour }: TableStyle): string {
  if (summary.claims.length === 0) return 'It ended before anything was shown.';
  const wrong = summary.claims.filter((claim) => !claim.ok).length;
  if (wrong === 0) return paint('All of this was observed just now, on this machine.', 'green', colour);
  return paint(`${wrong} of ${summary.claims.length} did not come true: that is a defect.`, 'red', colour);
}

const CLAIM_COLUMNS: readonly Column<Claim>[] = [
  { title: '', cell: (c) => (c.ok ? 'ok' : 'FAILED'), colour: (c) => (c.ok ? 'green' : 'red') },
  { title: 'WHAT WAS SHOWN', cell: (c) => c.title },
  { title: 'SEEN', cell: (c) => c.text },
];

const SERVER_COLUMNS: readonly Column<ServerLine>[] = [
  { title: 'SERVER', cell: (s) => s.name },
  { title: 'CONNECTIONS', cell: (s) => String(s.connections), align: 'right' },
  { title: 'REQUESTS ANSWERED', cell: (s) => String(s.answered), align: 'right' },
  { title: 'CUT OFF', cell: (s) => String(s.cut), align: 'right' },
];

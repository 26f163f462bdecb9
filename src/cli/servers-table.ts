/** Real servers as a table: what ipvsadm and HAProxy's page show, in the words of this project. */
import { type CheckView, isGood, type ServerView } from '../state/contract.ts';
import { type Column, type TableStyle, table } from './table.ts';
import { type Colour, duration } from './text.ts';

export function serversTable(servers: readonly ServerView[], now: number, style: TableStyle): string {
  const columns = SERVER_COLUMNS(now);
  const shown = servers.some((s) => s.reason !== '') ? [...columns, WHY] : columns;
  return table(servers, shown, style);
}

const SERVER_COLUMNS = (now: number): readonly Column<ServerView>[] => [
  { title: 'SERVER', cell: (s) => `${s.pool}/${s.name}`, shrinkTo: 16 },
  { title: 'ADDRESS', cell: (s) => s.address, optional: true },
  { title: 'ADMIN', cell: (s) => s.admin, colour: (s) => (s.admin === 'ready' ? null : 'yellow') },
  { title: 'HEALTH', cell: (s) => s.health, colour: healthColour },
  { title: 'USABLE', cell: (s) => (s.usable ? 'yes' : 'no'), colour: usableColour },
  { title: 'WEIGHT', cell: (s) => String(s.weight), align: 'right' },
  { title: 'ACTIVE', cell: activeText, align: 'right' },
  { title: 'TOTAL', cell: (s) => String(s.total), align: 'right', optional: true },
  { title: 'SINCE', cell: (s) => duration(now - Date.parse(s.since)), align: 'right', optional: true },
  { title: 'CHECKS', cell: (s) => checksText(s.checks), shrinkTo: 20 },
];

/** `12`, or `12/50` where there is a limit. */
function activeText({ active, maxConnections }: ServerView): string {
  return maxConnections > 0 ? `${active}/${maxConnections}` : `${active}`;
}

const WHY: Column<ServerView> = { title: 'WHY NOT', cell: (s) => s.reason, shrinkTo: 12, optional: true };

/** `5061 L4OK 0ms, 444 L4CON`; `none` for a pool without checks. */
export function checksText(checks: readonly CheckView[]): string {
  if (checks.length === 0) return 'none';
  return checks
    .map((check) => {
      const took = isGood(check) ? ` ${Math.round(check.durationMs)}ms` : '';
      return `${check.port} ${check.result}${took}`;
    })
    .join(', ');
}

function healthColour(server: ServerView): Colour | null {
  if (server.health === 'down') return 'red';
  return server.health === 'unknown' ? 'yellow' : 'green';
}

function usableColour(server: ServerView): Colour | null {
  if (server.usable) return 'green';
  return server.admin === 'ready' && server.weight > 0 ? 'red' : 'yellow';
}

/** What the probes of health checks saw, a line each, the newest at the end where the eye is. */
import { type CheckHistory, isGood, type ProbeView } from '../state/contract.ts';
import { type Column, type TableStyle, table } from './table.ts';
import type { Colour } from './text.ts';

export interface ProbesOfServer {
  readonly pool: string;
  readonly name: string;
  readonly checks: readonly CheckHistory[];
}

interface Row extends ProbeView {
  readonly server: string;
  readonly type: CheckHistory['type'];
  readonly port: number;
}

export function probesTable(servers: readonly ProbesOfServer[], style: TableStyle): string {
  const rows = servers.flatMap(({ pool, name, checks }) =>
    checks.flatMap(({ type, port, probes }) =>
      probes.map((probe): Row => ({ server: `${pool}/${name}`, type, port, ...probe })),
    ),
  );
  return table(rows, COLUMNS, style);
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'SERVER', cell: (r) => r.server, shrinkTo: 12 },
  { title: 'CHECK', cell: (r) => `${r.type} ${r.port}` },
  { title: 'AT', cell: (r) => r.at },
  { title: 'RESULT', cell: (r) => r.result, colour: resultColour },
  { title: 'TOOK', cell: (r) => `${Math.round(r.durationMs)}ms`, align: 'right' },
  { title: 'TEXT', cell: (r) => r.text, shrinkTo: 16 },
];

function resultColour(row: Row): Colour {
  if (isGood(row)) return 'green';
  return row.result === 'SOCKERR' ? 'yellow' : 'red';
}

import type { Command } from 'commander';
import { z } from 'zod';
import { source } from '../api/views.ts';
import type { SourceView } from '../state/contract.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print } from './command.ts';
import { EXIT } from './io.ts';
import { type Column, table } from './table.ts';

export function sourcesCommand(cli: Cli): Command {
  return daemonCommand('sources', 'Show the source addresses of SNAT pools: ports used and free', [
    ['poolgate sources', 'FULLEST is the port of a server that the address has the most connections to'],
    ['poolgate sources --format json', 'for programs'],
  ]).action(act(cli, (options: DaemonOptions) => show(cli, options)));
}

async function show(cli: Cli, options: DaemonOptions): Promise<typeof EXIT.fine> {
  const sources = await client(cli, options).get('/api/v1/sources', z.array(source));
  print(cli, options.format, sources, () => table(sources, COLUMNS, cli.io));
  if (sources.length === 0)
    cli.io.err('No virtual service has a `snatPool`: the system chooses the source.\n');
  return EXIT.fine;
}

const COLUMNS: readonly Column<SourceView>[] = [
  { title: 'ADDRESS', cell: (s) => s.address },
  { title: 'SERVICES', cell: (s) => s.virtualServices.join(', '), shrinkTo: 8, optional: true },
  { title: 'PORTS', cell: (s) => String(s.ports), align: 'right' },
  { title: 'CONNECTIONS', cell: (s) => String(s.used), align: 'right' },
  { title: 'FULLEST', cell: ({ fullest }) => placeOf(fullest), shrinkTo: 12 },
  { title: 'USED', cell: (s) => String(s.fullest?.used ?? 0), align: 'right' },
  { title: 'FREE', cell: (s) => String(s.fullest?.free ?? s.ports), align: 'right' },
];

function placeOf(fullest: SourceView['fullest']): string {
  return fullest ? `${fullest.pool}/${fullest.realServer} port ${fullest.port}` : '-';
}

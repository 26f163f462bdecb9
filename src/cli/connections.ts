import type { Command } from 'commander';
import { z } from 'zod';
import { connection } from '../api/views.ts';
import type { Connection } from '../dataplane/dataplane.ts';
import { suffix } from '../model/ports.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print, wholeNumber } from './command.ts';
import { EXIT } from './io.ts';
import { findServer } from './find-server.ts';
import { type Column, table } from './table.ts';
import { bytes, duration } from './text.ts';

interface Options extends DaemonOptions {
  readonly pool?: string;
  readonly server?: string;
  readonly service?: string;
  readonly limit: number;
}

export function connectionsCommand(cli: Cli): Command {
  return daemonCommand('connections', 'Show open connections, newest last', [
    ['poolgate connections --server fe01', 'those that fe01 holds'],
    ['poolgate connections --service ocs --limit 20', 'at most 20 of one virtual service'],
  ])
    .option('--pool <name>', 'only this pool')
    .option('--server <name>', 'only this real server, as POOL/SERVER or SERVER')
    .option('--service <name>', 'only this virtual service')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 100_000), 1000)
    .action(
      act(cli, async (options: Options) => {
        const query = await queryOf(cli, options);
        const path = `/api/v1/connections?${query}`;
        const connections = await client(cli, options).get(path, z.array(connection));
        print(cli, options.format, connections, () => table(connections, COLUMNS, cli.io));
        if (connections.length === 0) cli.io.err('No connection is open.\n');
        if (connections.length === options.limit)
          cli.io.err(`There may be more: --limit is ${options.limit}.\n`);
        return EXIT.fine;
      }),
    );
}

async function queryOf(cli: Cli, options: Options): Promise<URLSearchParams> {
  const query = new URLSearchParams({ limit: String(options.limit) });
  if (options.pool !== undefined) query.set('pool', options.pool);
  if (options.service !== undefined) query.set('service', options.service);
  if (options.server === undefined) return query;
  const { pool, name } = await findServer(client(cli, options), options.server, options.pool);
  query.set('pool', pool);
  query.set('realServer', name);
  return query;
}

const COLUMNS: readonly Column<Connection>[] = [
  { title: 'ID', cell: (c) => c.id, optional: true },
  { title: 'SERVICE', cell: (c) => c.service, shrinkTo: 8, optional: true },
  { title: 'CLIENT', cell: (c) => c.client },
  { title: 'VIP', cell: (c) => c.vip + suffix(c.protocol) },
  { title: 'SERVER', cell: (c) => `${c.pool}/${c.realServer}`, shrinkTo: 12 },
  { title: 'SOURCE', cell: (c) => c.source, optional: true },
  { title: 'AGE', cell: (c) => duration(c.ageMs), align: 'right' },
  { title: 'IDLE', cell: (c) => duration(c.idleMs), align: 'right' },
  { title: 'IN', cell: (c) => bytes(c.bytesIn), align: 'right' },
  { title: 'OUT', cell: (c) => bytes(c.bytesOut), align: 'right' },
];

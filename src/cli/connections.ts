import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { connectionParts } from '../api/connection-query.ts';
import { connection } from '../api/views.ts';
import type { Connection } from '../dataplane/dataplane.ts';
import { suffix } from '../model/ports.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print, wholeNumber } from './command.ts';
import { findServer } from './find-server.ts';
import { EXIT, type ExitCode } from './io.ts';
import { type KillOptions, killConnections } from './kill-connections.ts';
import { type Column, table } from './table.ts';
import { bytes, duration } from './text.ts';

const LIMIT = 1000;

interface Options extends DaemonOptions, KillOptions {
  readonly id?: string;
  readonly pool?: string;
  readonly server?: string;
  readonly service?: string;
  readonly client?: string;
  readonly vip?: string;
  readonly port?: number;
  readonly idleOver?: string;
  readonly ageOver?: string;
  readonly limit?: number;
}

export function connectionsCommand(cli: Cli): Command {
  return daemonCommand('connections', 'Show open connections, newest last, or reset them with --kill', [
    ['poolgate connections --server fe01', 'those that fe01 holds'],
    ['poolgate connections --client 192.0.2.0/24 --idle-over 30m', 'of one network, and silent for so long'],
    ['poolgate connections --client 192.0.2.7 --kill', 'reset those of one client, and nobody else’s'],
  ])
    .option('--id <id>', 'only this one')
    .option('--pool <name>', 'only this pool')
    .option('--server <name>', 'only this real server, as POOL/SERVER or SERVER')
    .option('--service <name>', 'only this virtual service')
    .option('--client <address>', 'only this client address, or network as 192.0.2.0/24', part('client'))
    .option('--vip <address>', 'only this VIP', part('vip'))
    .option('--port <number>', 'only this port of the VIP', wholeNumber(1, 65_535))
    .option('--idle-over <duration>', 'only without payload for longer, e.g. 30m', part('idleOver'))
    .option('--age-over <duration>', 'only open for longer, e.g. 12h', part('ageOver'))
    .option('--limit <count>', `show at most so many (default: ${LIMIT})`, wholeNumber(1, 100_000))
    .option('--kill', 'reset both ends of those that match; asks first on a terminal')
    .option('--all', 'with --kill and without a filter: every connection')
    .option('-y, --yes', 'do not ask')
    .action(act(cli, (options: Options) => perform(cli, options)));
}

async function perform(cli: Cli, options: Options): Promise<ExitCode> {
  const wrong = misuse(options);
  if (wrong !== null) {
    cli.io.err(`poolgate: ${wrong}\n  hint: poolgate connections --help\n`);
    return EXIT.usage;
  }
  const filter = await filterOf(cli, options);
  return options.kill ? killConnections(cli, filter, options) : list(cli, filter, options);
}

/** What of the command line does not go together; null when all is well. */
function misuse(options: Options): string | null {
  const { id, pool, server, service, client: from, vip, port, idleOver, ageOver } = options;
  const parts = [id, pool, server, service, from, vip, port, idleOver, ageOver];
  const filtered = parts.some((given) => given !== undefined);
  if (!options.kill) return options.all || options.yes ? '--all and --yes go with --kill.' : null;
  if (options.limit !== undefined) return '--limit is for lists; --kill resets all that match.';
  if (filtered && options.all) return '--all and a filter contradict each other.';
  if (filtered || options.all) return null;
  return '--kill needs a filter that says which connections (or --all: every one).';
}

async function list(cli: Cli, filter: Record<string, string | number>, options: Options): Promise<ExitCode> {
  const { limit = LIMIT } = options;
  const query = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(filter)) query.set(name, String(value));
  const path = `/api/v1/connections?${query}`;
  const { items, more } = await client(cli, options).list(path, z.array(connection));
  print(cli, options.format, items, () => table(items, COLUMNS, cli.io));
  if (items.length === 0) cli.io.err('No connection is open.\n');
  if (more) cli.io.err(`There are more than the ${limit} shown; --limit shows more.\n`);
  return EXIT.fine;
}

/** By the names of the API. */
async function filterOf(cli: Cli, options: Options): Promise<Record<string, string | number>> {
  const { server, pool, id, service, client: from, vip, port, idleOver, ageOver } = options;
  const named = server === undefined ? null : await findServer(client(cli, options), server, pool);
  const all = {
    id,
    pool: named?.pool ?? pool,
    realServer: named?.name,
    service,
    client: from,
    vip,
    port,
    idleOver,
    ageOver,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
}

/** As the API takes it, so that a slip is told before anything is asked. */
function part(name: 'client' | 'vip' | 'idleOver' | 'ageOver'): (text: string) => string {
  return (text) => {
    const { success, error } = connectionParts[name].safeParse(text);
    if (success) return text;
    throw new InvalidArgumentError(`It ${error.issues[0]?.message ?? 'is not right'}.`);
  };
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

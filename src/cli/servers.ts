import type { Command } from 'commander';
import { z } from 'zod';
import { checkHistory, server } from '../api/views.ts';
import type { CheckHistory, ServerView } from '../state/contract.ts';
import type { Client } from './client.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print } from './command.ts';
import { findServer } from './find-server.ts';
import { EXIT } from './io.ts';
import { probesTable, type ProbesOfServer } from './probes-table.ts';
import { serversTable } from './servers-table.ts';

interface Options extends DaemonOptions {
  readonly pool?: string;
  readonly probes?: true;
}

export function serversCommand(cli: Cli): Command {
  return daemonCommand('servers', 'Show real servers: state, health, checks, connections', [
    ['poolgate servers', 'all of them'],
    ['poolgate servers --pool ocspool', 'those of one pool'],
    ['poolgate servers fe01 --probes', 'what the last hundred probes of each check of fe01 saw'],
    ['poolgate servers --format json', 'for programs'],
  ])
    .argument('[server]', 'only this one, as POOL/SERVER or SERVER')
    .option('--pool <name>', 'only this pool')
    .option('--probes', 'the last hundred probes of each health check, oldest first')
    .action(act(cli, (ref: string | undefined, options: Options) => show(cli, ref, options)));
}

async function show(cli: Cli, ref: string | undefined, options: Options): Promise<typeof EXIT.fine> {
  const daemon = client(cli, options);
  const servers = await wanted(daemon, ref, options.pool);
  if (servers.length === 0) cli.io.err('There is no real server.\n');
  if (options.probes) {
    const all = await Promise.all(servers.map((one) => probesOf(daemon, one)));
    print(cli, options.format, all, () => probesTable(all, cli.io));
    if (all.every(({ checks }) => checks.length === 0)) cli.io.err('No health check has run.\n');
  } else {
    print(cli, options.format, servers, () => serversTable(servers, cli.io.now(), cli.io));
  }
  return EXIT.fine;
}

async function wanted(
  daemon: Client,
  ref: string | undefined,
  pool: string | undefined,
): Promise<ServerView[]> {
  if (ref !== undefined) return [await findServer(daemon, ref, pool)];
  const query = pool === undefined ? '' : `?pool=${encodeURIComponent(pool)}`;
  return daemon.get(`/api/v1/servers${query}`, z.array(server));
}

async function probesOf(daemon: Client, { pool, name }: ServerView): Promise<ProbesOfServer> {
  const path = `/api/v1/servers/${encodeURIComponent(pool)}/${encodeURIComponent(name)}/checks`;
  const checks: CheckHistory[] = await daemon.get(path, z.array(checkHistory));
  return { pool, name, checks };
}

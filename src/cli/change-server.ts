/** What drain, ready, maint and weight have in common: name the server, ask for the change, show it after. */
import { server as serverSchema } from '../api/views.ts';
import type { AdminState } from '../model/effective.ts';
import type { ServerView } from '../state/contract.ts';
import { type Cli, client, type DaemonOptions, print } from './command.ts';
import { findServer } from './find-server.ts';
import { EXIT, type ExitCode } from './io.ts';
import { serversTable } from './servers-table.ts';
import { plural } from './text.ts';

export const SERVER_ARGUMENT = ['<server>', 'POOL/SERVER, or SERVER where only one pool has it'] as const;

export type ServerChange = { readonly admin: AdminState } | { readonly weight: number };

export async function changeServer(
  cli: Cli,
  ref: string,
  change: ServerChange,
  options: DaemonOptions,
): Promise<ExitCode> {
  const daemon = client(cli, options);
  const { pool, name } = await findServer(daemon, ref);
  const what = 'admin' in change ? 'admin' : 'weight';
  const path = `/api/v1/servers/${encodeURIComponent(pool)}/${encodeURIComponent(name)}/${what}`;
  const body = { type: 'application/json', text: JSON.stringify(change) } as const;
  const server = await daemon.post(path, body, serverSchema);
  print(cli, options.format, server, () => serversTable([server], cli.io.now(), cli.io));
  if (takesNoMore(server) && server.active > 0) {
    cli.io.err(`${plural(server.active, 'connection')} still open; watch them end with: poolgate servers\n`);
  }
  return EXIT.fine;
}

function takesNoMore(server: ServerView): boolean {
  return server.admin !== 'ready' || server.weight === 0;
}

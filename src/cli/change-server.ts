/** What drain, ready, maint and weight have in common: name the server, ask for the change, show it after. */
import { server as serverSchema, status as statusSchema } from '../api/views.ts';
import type { AdminState } from '../model/effective.ts';
import type { ServerView, StatusView } from '../state/contract.ts';
import { type Cli, client, type DaemonOptions, print } from './command.ts';
import { findServer } from './find-server.ts';
import { EXIT, type ExitCode } from './io.ts';
import { serversTable } from './servers-table.ts';
import { plural, printableLines } from './text.ts';

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
  if (takesNoMore(server)) cli.io.err(consequences(server, await daemon.get('/api/v1/status', statusSchema)));
  return EXIT.fine;
}

/** What somebody who takes a server out must know at once: what it still holds, and that it was the last one. */
function consequences(server: ServerView, status: StatusView): string {
  const open = `${plural(server.active, 'connection')} still open; watch them end with: poolgate servers\n`;
  const pool = status.pools.find(({ name }) => name === server.pool);
  const last = `Warning: pool ${server.pool} has no usable server left: new connections are refused or go to its fallback.\n`;
  return (server.active > 0 ? open : '') + (pool?.usable === 0 ? printableLines(last) : '');
}

function takesNoMore(server: ServerView): boolean {
  return server.admin !== 'ready' || server.weight === 0;
}

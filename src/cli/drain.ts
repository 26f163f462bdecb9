import type { Command } from 'commander';
import { changeServer, SERVER_ARGUMENT } from './change-server.ts';
import { act, type Cli, type DaemonOptions, daemonCommand } from './command.ts';

export function drainCommand(cli: Cli): Command {
  return daemonCommand(
    'drain',
    'Give a server no new connections; open ones stay until they end or drain.timeout',
    [
      ['poolgate drain fe01', 'before maintenance'],
      ['poolgate drain ocspool/fe01', 'when several pools have a fe01'],
    ],
  )
    .argument(...SERVER_ARGUMENT)
    .action(
      act(cli, (ref: string, options: DaemonOptions) => changeServer(cli, ref, { admin: 'drain' }, options)),
    );
}

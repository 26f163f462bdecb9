import type { Command } from 'commander';
import { changeServer, SERVER_ARGUMENT } from './change-server.ts';
import { act, type Cli, type DaemonOptions, daemonCommand } from './command.ts';

export function maintCommand(cli: Cli): Command {
  return daemonCommand(
    'maint',
    'Give a server no new connections and stop its health checks; open ones stay',
    [['poolgate maint fe01', 'while the server is off or being rebuilt']],
  )
    .argument(...SERVER_ARGUMENT)
    .action(
      act(cli, (ref: string, options: DaemonOptions) => changeServer(cli, ref, { admin: 'maint' }, options)),
    );
}

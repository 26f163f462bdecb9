import type { Command } from 'commander';
import { changeServer, SERVER_ARGUMENT } from './change-server.ts';
import { act, type Cli, type DaemonOptions, daemonCommand } from './command.ts';

export function readyCommand(cli: Cli): Command {
  return daemonCommand('ready', 'Bring a server back from drain or maint', [
    ['poolgate ready fe01', 'after maintenance; it takes connections when its checks are good'],
  ])
    .argument(...SERVER_ARGUMENT)
    .action(
      act(cli, (ref: string, options: DaemonOptions) => changeServer(cli, ref, { admin: 'ready' }, options)),
    );
}

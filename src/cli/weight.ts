import type { Command } from 'commander';
import { changeServer, SERVER_ARGUMENT } from './change-server.ts';
import { act, type Cli, type DaemonOptions, daemonCommand, wholeNumber } from './command.ts';

export function weightCommand(cli: Cli): Command {
  return daemonCommand('weight', 'Set a server’s share of new connections; 0 drains it', [
    ['poolgate weight fe01 3', 'three times the share of a server of weight 1'],
  ])
    .argument(...SERVER_ARGUMENT)
    .argument('<weight>', '0 to 65535', wholeNumber(0, 65_535))
    .action(
      act(cli, (ref: string, weight: number, options: DaemonOptions) =>
        changeServer(cli, ref, { weight }, options),
      ),
    );
}

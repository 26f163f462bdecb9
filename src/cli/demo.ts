import type { Command } from 'commander';
import { act, type Cli, newCommand, wholeNumber } from './command.ts';
import { EXIT } from './io.ts';

interface Options {
  readonly seconds?: number;
  readonly plain?: boolean;
}

export function demoCommand(cli: Cli): Command {
  return newCommand(
    'demo',
    'See it work on this machine, without privileges: servers, a pool, clients, a failure',
    [
      ['poolgate demo', 'a live view; Ctrl-C ends it'],
      ['poolgate demo --plain --seconds 20', 'lines instead of a screen, for 20 seconds'],
    ],
  )
    .option('--seconds <count>', 'end after so many seconds', wholeNumber(1, 86_400))
    .option('--plain', 'lines instead of a screen')
    .action(
      act(cli, async (options: Options) =>
        (await cli.start.demo(options)) === 0 ? EXIT.fine : EXIT.refused,
      ),
    );
}

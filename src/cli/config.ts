import type { Command } from 'commander';
import { z } from 'zod';
import { configText, effectiveValue } from '../api/views.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, newCommand, print } from './command.ts';
import { EXIT } from './io.ts';
import { type Column, table } from './table.ts';
import { jsonText, printableLines } from './text.ts';

type Effective = z.infer<typeof effectiveValue>;

interface Options extends DaemonOptions {
  readonly effective?: boolean;
}

export function configCommand(cli: Cli): Command {
  const show = daemonCommand('show', 'Show the running config', [
    ['poolgate config show > copy.yaml', 'the file as the daemon has it'],
    ['poolgate config show --effective', 'every value and where it came from'],
  ])
    .option('--effective', 'every value in effect, with where it came from')
    .action(
      act(cli, (options: Options) =>
        options.effective ? showEffective(cli, options) : showText(cli, options),
      ),
    );
  return newCommand('config', 'Look at the running config', []).addCommand(show);
}

async function showText(cli: Cli, options: Options) {
  const config = await client(cli, options).get('/api/v1/config', configText);
  // Into a file it goes byte for byte; to a terminal only what is safe to show.
  const text = cli.io.columns === null ? config.text : printableLines(config.text);
  print(cli, options.format, config, () => text);
  return EXIT.fine;
}

async function showEffective(cli: Cli, options: Options) {
  const values = await client(cli, options).get('/api/v1/config/effective', z.array(effectiveValue));
  print(cli, options.format, values, () => table(values, COLUMNS, cli.io));
  return EXIT.fine;
}

const COLUMNS: readonly Column<Effective>[] = [
  { title: 'KEY', cell: (v) => v.path, shrinkTo: 24 },
  {
    title: 'VALUE',
    cell: (v) => (typeof v.value === 'string' ? v.value : jsonText(v.value, 0)),
    shrinkTo: 16,
  },
  { title: 'FROM', cell: (v) => v.from, shrinkTo: 12 },
];

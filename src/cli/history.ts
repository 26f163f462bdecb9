import type { Command } from 'commander';
import { z } from 'zod';
import { historyConfig, historyEntry } from '../api/views.ts';
import type { HistoryEntry } from '../state/contract.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print, wholeNumber } from './command.ts';
import { EXIT, type ExitCode } from './io.ts';
import { planSummary, planText } from './plan-table.ts';
import { type Column, table } from './table.ts';
import { printableLines } from './text.ts';

/** Of the hash, in tables: enough to tell a hundred configs apart. */
const HASH_SHOWN = 10;

interface Options extends DaemonOptions {
  readonly since?: boolean;
}

export function historyCommand(cli: Cli): Command {
  return daemonCommand('history', 'Show the configs that ran: when, who made them run, and what changed', [
    ['poolgate history', 'the last hundred, newest last; * is the one that runs'],
    ['poolgate history 12', 'the text of config 12'],
    ['poolgate history 12 --since', 'what has changed from config 12 to the one that runs'],
  ])
    .argument('[number]', 'a config of the history', HISTORY_NUMBER)
    .option('--since', 'with a number: what has changed since, instead of its text')
    .action(
      act(cli, async (number: number | undefined, options: Options) => {
        if (number !== undefined) return one(cli, number, options);
        if (options.since) {
          cli.io.err('poolgate: --since needs the number of a config, e.g. poolgate history 12 --since\n');
          return EXIT.usage;
        }
        return all(cli, options);
      }),
    );
}

export const HISTORY_NUMBER = wholeNumber(1, Number.MAX_SAFE_INTEGER);

async function all(cli: Cli, options: DaemonOptions): Promise<ExitCode> {
  const entries = await client(cli, options).get('/api/v1/history', z.array(historyEntry));
  print(cli, options.format, entries, () => table(entries, COLUMNS, cli.io));
  return EXIT.fine;
}

async function one(cli: Cli, number: number, options: Options): Promise<ExitCode> {
  const config = await client(cli, options).get(`/api/v1/history/${number}`, historyConfig);
  const { since } = config;
  if (options.since && since === null) {
    cli.io.err(`poolgate: config ${number} is not one that this version takes; it cannot be compared.\n`);
    return EXIT.refused;
  }
  if (!options.since || since === null) {
    // As it was, so that it can be put into a file; only what would act on the terminal is escaped.
    print(cli, options.format, config, () =>
      cli.io.columns === null ? config.text : printableLines(config.text),
    );
    return EXIT.fine;
  }
  print(cli, options.format, since, () => planText(since, cli.io.colour));
  cli.io.err(since.length === 0 ? 'Nothing has changed since.\n' : `Since then ${planSummary(since)}\n`);
  return EXIT.fine;
}

const COLUMNS: readonly Column<HistoryEntry>[] = [
  { title: ' ', cell: (e) => (e.current ? '*' : ' '), colour: () => 'green' },
  { title: 'NUMBER', cell: (e) => String(e.number), align: 'right' },
  { title: 'WHEN', cell: (e) => e.at.replace('T', ' ').replace(/\.\d+Z$/, 'Z') },
  { title: 'WHO', cell: (e) => e.actor },
  { title: 'HASH', cell: (e) => e.hash.slice(0, HASH_SHOWN), optional: true },
  { title: 'CHANGED', cell: (e) => e.changes, shrinkTo: 20 },
];

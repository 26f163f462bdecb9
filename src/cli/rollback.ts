import type { Command } from 'commander';
import { z } from 'zod';
import { historyConfig, historyEntry, planStep } from '../api/views.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { PlanStep } from '../state/contract.ts';
import { type Client, RefusedError } from './client.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print } from './command.ts';
import { printFindings } from './findings.ts';
import { HISTORY_NUMBER } from './history.ts';
import { EXIT, type ExitCode } from './io.ts';
import { planSummary, planText } from './plan-table.ts';

interface Options extends DaemonOptions {
  readonly dryRun?: boolean;
}

export function rollbackCommand(cli: Cli): Command {
  return daemonCommand(
    'rollback',
    'Go back to a config that ran before, all or nothing; the daemon writes its own file',
    [
      ['poolgate rollback', 'to the config before the one that runs'],
      ['poolgate rollback 12', 'to this one of: poolgate history'],
      ['poolgate rollback --dry-run', 'what that would change; changes nothing'],
    ],
  )
    .argument(
      '[number]',
      'a config of the history (default: the one before the one that runs)',
      HISTORY_NUMBER,
    )
    .option('--dry-run', 'only show what it would change')
    .action(act(cli, (number: number | undefined, options: Options) => goBack(cli, number ?? null, options)));
}

async function goBack(cli: Cli, number: number | null, options: Options): Promise<ExitCode> {
  const daemon = client(cli, options);
  const done = options.dryRun ? 'Would make' : 'Rolled back:';
  try {
    const steps = options.dryRun ? await tryOut(daemon, number) : await rollBack(daemon, number);
    print(cli, options.format, steps, () => planText(steps, cli.io.colour));
    const nothing = options.dryRun ? 'Nothing would change.' : 'Nothing changed.';
    cli.io.err(steps.length === 0 ? `${nothing}\n` : `${done} ${planSummary(steps)}\n`);
    return EXIT.fine;
  } catch (error) {
    if (!(error instanceof RefusedError) || error.findings === null) throw error;
    const { text } = await wanted(daemon, number);
    printFindings(cli, options.format, error.findings, { file: 'the config of the history', text });
    cli.io.err('Refused: this version takes that config no more; what runs goes on unchanged.\n');
    return EXIT.refused;
  }
}

function rollBack(daemon: Client, number: number | null): Promise<PlanStep[]> {
  const body = { type: 'application/json', text: JSON.stringify(number === null ? {} : { number }) } as const;
  return daemon.post('/api/v1/rollback', body, z.array(planStep));
}

async function tryOut(daemon: Client, number: number | null): Promise<PlanStep[]> {
  const { text } = await wanted(daemon, number);
  return daemon.post('/api/v1/plan', { type: 'application/yaml', text }, z.array(planStep));
}

/** @throws PoolgateError UNKNOWN_CONFIG */
async function wanted(daemon: Client, number: number | null) {
  const meant = number ?? (await previous(daemon));
  return daemon.get(`/api/v1/history/${meant}`, historyConfig);
}

async function previous(daemon: Client): Promise<number> {
  const entries = await daemon.get('/api/v1/history', z.array(historyEntry));
  const found = entries[entries.findIndex(({ current }) => current) - 1];
  if (found) return found.number;
  throw new PoolgateError('UNKNOWN_CONFIG', 'There is no config before the one that runs.');
}

/** Sends a config file to the daemon; what it finds wrong is shown at its place in the user's file. */
import { z } from 'zod';
import { planStep } from '../api/views.ts';
import type { PlanStep } from '../state/contract.ts';
import { RefusedError } from './client.ts';
import { type Cli, client, type DaemonOptions } from './command.ts';
import { printFindings } from './findings.ts';

/** The changes; null when the config was rejected and its findings are printed. */
export async function sendConfig(
  cli: Cli,
  path: string,
  file: string,
  options: DaemonOptions,
): Promise<PlanStep[] | null> {
  const { readConfigText } = await import('../config/load.ts');
  const text = readConfigText(file);
  try {
    return await client(cli, options).post(path, { type: 'application/yaml', text }, z.array(planStep));
  } catch (error) {
    if (!(error instanceof RefusedError) || error.findings === null) throw error;
    printFindings(cli, options.format, error.findings, { file, text });
    cli.io.err(`${file}: refused; what runs goes on unchanged.\n`);
    return null;
  }
}

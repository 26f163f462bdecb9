/**
 * The long form of what the tests show in short: soaks and fuzzers, and the page that sums them up.
 *
 *     npm run evidence                                     four soaks of 30 minutes, the long scenarios of the lab, ten
 *                                                          minutes for each fuzzer
 *     npm run evidence -- --soaks 1 --fuzz-minutes 0 --no-scenarios     one soak; what was found before stays in the sum
 *     npm run evidence -- --soaks 0 --fuzz-minutes 0                    the long scenarios
 *     npm run evidence -- --soaks 0 --fuzz-minutes 0 --no-scenarios     only the page anew
 *
 * By hand, as root, on a quiet machine. Each result is a file under evidence/, and docs/evidence.md is made from all
 * of them, so that two hours can be had in pieces. Ends with 1 when anything was found that must not be.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine } from '../bench/machine.ts';
import { fuzz, FUZZERS } from './evidence/fuzz.ts';
import { LONG_SCENARIOS, longScenario } from './evidence/long-scenarios.ts';
import { evidencePage } from './evidence/page.ts';
import type { Result } from './evidence/result.ts';

const FOLDER = new URL('../evidence/', import.meta.url);
const PAGE = new URL('../docs/evidence.md', import.meta.url);
const SOAK = new URL('../lab/soak.ts', import.meta.url).pathname;

const { values } = parseArgs({
  options: {
    soaks: { type: 'string', default: '4' },
    'soak-minutes': { type: 'string', default: '30' },
    'fuzz-minutes': { type: 'string', default: '10' },
    scenarios: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  let sound = true;
  for (let i = 0; i < Number(values.soaks); i++) sound = (await soak(values['soak-minutes'])) && sound;
  for (const scenario of values.scenarios ? LONG_SCENARIOS : []) {
    const found = await longScenario(scenario);
    keep({ kind: 'lab', ...found });
    sound &&= found.failures.length === 0;
  }
  for (const file of Number(values['fuzz-minutes']) > 0 ? FUZZERS : []) {
    const found = await fuzz(file, Number(values['fuzz-minutes']) * 60_000);
    keep({ kind: 'fuzz', ...found });
    sound &&= found.failures.length === 0;
  }
  writeFileSync(PAGE, evidencePage(await describeMachine(), results()));
  process.stderr.write('evidence: wrote docs/evidence.md\n');
  if (!sound) process.exitCode = 1;
}

/** Runs one soak and keeps its findings, sound or not. */
async function soak(minutes: string): Promise<boolean> {
  process.stderr.write(`evidence: a soak of ${minutes} minutes\n`);
  const child = spawn(process.execPath, [SOAK, '--minutes', minutes], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk;
  if (text.trim() === '') throw new Error('the soak did not get as far as its findings; see above');
  keep({ kind: 'soak', found: JSON.parse(text) });
  return child.exitCode === 0;
}

function keep(result: object): void {
  const at = new Date().toISOString();
  const name = `${at.replaceAll(/[:.]/g, '-')}.json`;
  writeFileSync(new URL(name, FOLDER), `${JSON.stringify({ at, ...result }, null, 2)}\n`);
}

function results(): Result[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Result);
}

await main();

/** Scenarios of the lab that have a long form, run in it. */
import { spawn } from 'node:child_process';
import type { LabResult } from './result.ts';

export const LONG_SCENARIOS = ['hundred-thousand', 'start-stop', 'thousand-changes'] as const;

/** What a scenario prints of what it measured begins with how many it measured. */
const MEASURED = /^\d+ (held|changes|times)\b.*/gm;

export async function longScenario(scenario: string): Promise<Omit<LabResult, 'kind' | 'at'>> {
  process.stderr.write(`evidence: ${scenario}, the long form\n`);
  const startedAt = performance.now();
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'lab*', `lab/scenarios/${scenario}/`];
  const child = spawn(process.execPath, args, {
    cwd: new URL('../../', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, POOLGATE_LAB_LONG: '1', NO_COLOR: '1' },
  });
  let text = '';
  const hear = (chunk: Buffer): void => void (text += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return {
    scenario,
    minutes: Math.round((performance.now() - startedAt) / 6000) / 10,
    said: text.match(MEASURED) ?? [],
    failures: code === 0 ? [] : [text.slice(-4000)],
  };
}

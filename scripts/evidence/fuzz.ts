import { spawn } from 'node:child_process';
import type { FuzzResult } from './result.ts';

/** Files whose tests make their input by chance: parsers of what comes from outside, and tables against models. */
export const FUZZERS = [
  'src/config/fuzz.test.ts',
  'src/state/controller.property.test.ts',
  'src/health/http-answer.test.ts',
  'src/health/sip-answer.test.ts',
  'src/health/stun-message.test.ts',
  'src/dataplane/proxy/guard/guard.property.test.ts',
  'src/dataplane/proxy/udp/flows.test.ts',
  'src/network/arp.test.ts',
  'src/api/server.test.ts',
] as const;

const VITEST = new URL('../../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
/** Enough of a failure to run it again: fast-check prints the seed and the smallest input. */
const KEPT = 4000;

/** Runs a file over and over for so long; every round has new seeds. */
export async function fuzz(file: string, lengthMs: number): Promise<Omit<FuzzResult, 'kind' | 'at'>> {
  process.stderr.write(`evidence: ${file}\n`);
  const until = performance.now() + lengthMs;
  const failures: string[] = [];
  let rounds = 0;
  do {
    const failure = await round(file);
    if (failure !== null) failures.push(failure.slice(-KEPT));
    rounds++;
  } while (performance.now() < until);
  return { file, minutes: lengthMs / 60_000, rounds, failures };
}

async function round(file: string): Promise<string | null> {
  const child = spawn(process.execPath, [VITEST, 'run', '--project', 'unit', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let text = '';
  const hear = (chunk: string): void => void (text += chunk);
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const code = await new Promise((resolve) => child.once('close', resolve));
  return code === 0 ? null : text;
}

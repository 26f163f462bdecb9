/** For tests: benches that are ended after each test. */
import { afterEach } from 'vitest';
import type { ServerView } from './contract.ts';
import { type Bench, bench, readyBench } from './testing.ts';

export interface Benches {
  /** One that is ready. */
  ready(...args: Parameters<typeof readyBench>): Promise<Bench>;
  /** One that was not started. */
  fresh(...args: Parameters<typeof bench>): Promise<Bench>;
}

/** Call it once in a file. */
export function benches(): Benches {
  const made: Bench[] = [];
  afterEach(async () => {
    for (const b of made.splice(0)) await b.end();
  });
  const keep = (b: Bench): Bench => {
    made.push(b);
    return b;
  };
  return {
    ready: async (...args) => keep(await readyBench(...args)),
    fresh: async (...args) => keep(await bench(...args)),
  };
}

export function viewOf(b: Bench, name: string): ServerView {
  const found = b.controller.servers().find((s) => s.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENTS, destination, PORTS, SERVERS, type Traffic } from './addresses.ts';
import { run, type Started, start, stop } from './processes.ts';
import { waitUntil } from './wait.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const LOAD = join(HERE, 'build/load');
const SERVER = join(HERE, 'build/server');

/** Threads of the load generator and of each stand-in server: enough never to be the limit. */
export const THREADS = Math.max(1, Math.floor(availableParallelism() / 4));

/** What the load generator prints; bench/README.md says what each means. */
export interface LoadResult {
  seconds: number;
  count: number;
  perSecond: number;
  wholeCount: number;
  wholeBytes: number;
  gbps: number;
  p50us: number;
  p99us: number;
  alive: number;
  unfinished: number;
  errors: Record<'refused' | 'reset' | 'timeout' | 'eof' | 'other', number>;
  cpuSeconds: number;
}

/** Compiles the C programs when a source is newer. Throws with the compiler's words. */
export async function buildTools(): Promise<void> {
  await run('sh', [join(HERE, 'load/build.sh')]);
}

/** Starts the stand-in servers, both kinds of traffic; returns what stops them. */
export async function startServers(): Promise<() => Promise<void>> {
  const modes: Record<Traffic, string> = { small: 'echo', bulk: 'source' };
  const started: Started[] = [];
  for (const traffic of Object.keys(PORTS) as Traffic[]) {
    const listen = destination(SERVERS, traffic);
    const server = start(SERVER, [modes[traffic], '--listen', listen, '--threads', String(THREADS)]);
    started.push(server);
    await waitUntil('stand-in server', server, async () => server.output().includes('"ready":true'));
  }
  return async () => {
    await Promise.all(started.map((s) => stop(s)));
  };
}

function loadArguments(mode: string, to: string, options: Record<string, string | number>): string[] {
  const all = { to, threads: THREADS, source: CLIENTS.first, sources: CLIENTS.count, ...options };
  return [mode, ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)])];
}

/** Runs one load to its end. Throws when a single connection failed: a result with failures says nothing. */
export async function load(
  mode: string,
  to: string,
  options: Record<string, string | number>,
): Promise<LoadResult> {
  return checked(await run(LOAD, loadArguments(mode, to, options)));
}

function checked(output: string): LoadResult {
  const result: LoadResult = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  const failed = Object.entries(result.errors).filter(([, n]) => n > 0);
  if (failed.length > 0)
    throw new Error(`connections failed: ${failed.map(([why, n]) => `${n} ${why}`).join(', ')}`);
  if (result.unfinished > 0) throw new Error(`${result.unfinished} connections did not end in time`);
  return result;
}

/** Opens `connections`, calls `look` while they are idle, then proves that each still answers, and closes them. */
export async function whileHeld<T>(to: string, connections: number, look: () => Promise<T>): Promise<T> {
  const held = start(LOAD, loadArguments('hold', to, { connections, threads: 1 }));
  try {
    await waitUntil('load hold', held, async () => held.output().includes('"held":'));
    const seen = await look();
    held.child.stdin?.end();
    await held.ended;
    const { alive } = checked(held.output());
    if (alive !== connections)
      throw new Error(`${connections - alive} of ${connections} held connections were lost`);
    return seen;
  } finally {
    await stop(held);
  }
}

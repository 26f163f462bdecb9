import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { destination, PORTS, type Traffic } from './addresses.ts';
import type { Place, Site } from './groups/group.ts';
import { run, type Started, startIn, stop } from './processes.ts';
import { waitUntil } from './wait.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const LOAD = join(HERE, 'build/load');
const SERVER = join(HERE, 'build/server');

/**
 * Threads of the load generator and of each stand-in server: enough never to be the limit. One alone was, for peers that
 * forward packets, on a machine of two processors.
 */
export const THREADS = Math.max(2, Math.floor(availableParallelism() / 4));

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
export async function startServers(addresses: readonly string[], place: Place): Promise<() => Promise<void>> {
  const modes: Record<Traffic, string> = { small: 'echo', bulk: 'source' };
  const started: Started[] = [];
  for (const traffic of Object.keys(PORTS) as Traffic[]) {
    const listen = destination(addresses, traffic);
    const args = [modes[traffic], '--listen', listen, '--threads', String(THREADS)];
    const server = startIn(place, SERVER, args);
    started.push(server);
    await waitUntil('stand-in server', server, async () => server.output().includes('"ready":true'));
  }
  return async () => {
    await Promise.all(started.map((s) => stop(s)));
  };
}

type LoadOptions = Record<string, string | number>;

function startLoad(site: Site, mode: string, to: string, options: LoadOptions): Started {
  const { first: source, count: sources } = site.clients;
  const all = { to, threads: THREADS, source, sources, ...options };
  const words = Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return startIn(site.client, LOAD, [mode, ...words]);
}

/** Runs one load to its end. Throws when a single connection failed: a result with failures says nothing. */
export async function load(site: Site, mode: string, to: string, options: LoadOptions): Promise<LoadResult> {
  const started = startLoad(site, mode, to, options);
  const code = await started.ended;
  if (code !== 0) throw new Error(`load ${mode} ended with ${code}:\n${started.output()}`);
  const result = checkedResult(started.output());
  // Nor does one in which nothing was done.
  if (!(result.perSecond > 0 || result.gbps > 0)) throw new Error(`load ${mode} to ${to} got nothing done`);
  return result;
}

/** @throws Error when connections failed or did not end */
export function checkedResult(output: string): LoadResult {
  const result: LoadResult = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  const failed = Object.entries(result.errors).filter(([, n]) => n > 0);
  if (failed.length > 0)
    throw new Error(`connections failed: ${failed.map(([why, n]) => `${n} ${why}`).join(', ')}`);
  if (result.unfinished > 0) throw new Error(`${result.unfinished} connections did not end in time`);
  return result;
}

/** True when a message from the clients comes back, so both the balancer and a server behind it answer. */
export async function echoes(site: Site, address: string): Promise<boolean> {
  const to = destination([address], 'small');
  const started = startLoad(site, 'connect', to, { connections: 1, threads: 1, count: 1, seconds: 1 });
  if ((await started.ended) !== 0) return false;
  try {
    return checkedResult(started.output()).wholeCount === 1;
  } catch {
    return false;
  }
}

/** Opens `connections`, calls `look` while they are idle, then proves that each still answers, and closes them. */
export async function whileHeld<T>(
  site: Site,
  to: string,
  connections: number,
  look: () => Promise<T>,
): Promise<T> {
  const held = startLoad(site, 'hold', to, { connections, threads: 1 });
  try {
    await waitUntil('load hold', held, async () => held.output().includes('"held":'), 60_000);
    const seen = await look();
    held.child.stdin?.end();
    await held.ended;
    const { alive } = checkedResult(held.output());
    if (alive !== connections)
      throw new Error(`${connections - alive} of ${connections} held connections were lost`);
    return seen;
  } finally {
    await stop(held);
  }
}

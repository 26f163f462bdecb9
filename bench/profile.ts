import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { launch } from './compare.ts';
import { MEASURES } from './measures/index.ts';
import type { Measure } from './measures/measure.ts';
import type { MeasureName } from './metrics.ts';
import type { Options } from './options.ts';
import { type PeerName, PEERS } from './peers/index.ts';
import type { RunningPeer } from './peers/peer.ts';
import { run, type Started, start, stop } from './processes.ts';

const TOP_ENTRIES = 30;
const HERTZ = 999;

/** For each balancer and each steady measure: the symbols that take most time, and the system calls it makes. */
export async function profile(
  peers: readonly PeerName[],
  folder: string,
  options: Options,
  progress: (line: string) => void,
): Promise<string> {
  const parts: string[] = [];
  for (const peer of peers.filter((p) => p !== 'direct')) {
    const running = await launch(peer, folder, options);
    try {
      for (const name of options.measures.filter((m) => !MEASURES[m].fresh)) {
        progress(`profiling ${PEERS[peer].title}, ${name}`);
        parts.push(await profileOne(PEERS[peer].title, name, running, folder, options));
      }
    } finally {
      await running.stop();
    }
  }
  return parts.join('\n');
}

async function profileOne(
  title: string,
  name: MeasureName,
  running: RunningPeer,
  folder: string,
  options: Options,
) {
  const measure: Measure = MEASURES[name];
  await measure.run(running, { ...options, seconds: 0.5 }); // warm
  const data = join(folder, 'perf.data');
  const pids = running.pids();
  const sampler = start('perf', [
    'record',
    '-q',
    '-F',
    String(HERTZ),
    '-g',
    '-p',
    pids.join(','),
    '-o',
    data,
  ]);
  const values = await observed(sampler, () => measure.run(running, options), 'SIGINT');
  const places = await perfReport(data, 'dso');
  const symbols = await perfReport(data, 'dso,symbol');
  const tracer = start('strace', ['-q', '-c', '-f', ...pids.flatMap((pid) => ['-p', String(pid)])]);
  const traced = await observed(tracer, () => measure.run(running, { ...options, seconds: 1 }), 'SIGINT');
  const calls = tracer.output().trim();
  return [
    `== ${title}: ${name}`,
    `while sampled: ${JSON.stringify(values)}`,
    '-- by program or library',
    places,
    '-- by symbol',
    symbols,
    `-- system calls (strace slows it down; only the counts mean something): ${JSON.stringify(traced)}`,
    calls,
    '',
  ].join('\n');
}

/** Runs the work while an observer looks on; the observer ends by a signal and then writes what it saw. */
async function observed<T>(
  observer: Started,
  work: () => Promise<T>,
  signal: NodeJS.Signals,
): Promise<T | string> {
  await delay(300); // it gives no sign when it has attached
  const result = await work().catch((error: Error) => error.message);
  await stop(observer, signal);
  return result;
}

/** The heaviest entries of a recording, heaviest first; or why there are none. */
async function perfReport(data: string, sort: string): Promise<string> {
  const how = ['--stdio', '--no-children', '-g', 'none', '--sort', sort, '--percent-limit', '0.5'];
  try {
    const lines = (await run('perf', ['report', '-i', data, ...how])).split('\n');
    const entries = lines.filter((line) => /^\s+\d/.test(line)).map((line) => line.replace(/[\s-]+$/, ''));
    return entries.slice(0, TOP_ENTRIES).join('\n');
  } catch (error) {
    return `no profile: ${(error as Error).message}`;
  }
}

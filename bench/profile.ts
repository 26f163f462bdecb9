import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { launch } from './compare.ts';
import type { Group } from './groups/group.ts';
import { MEASURES } from './measures/index.ts';
import type { Measure } from './measures/measure.ts';
import type { MeasureName, Values } from './metrics.ts';
import type { Options } from './options.ts';
import { type PeerName, PEERS } from './peers/index.ts';
import type { RunningPeer } from './peers/peer.ts';
import { run, type Started, start, stop } from './processes.ts';

const TOP_ENTRIES = 200;
const HERTZ = '999';
const FEWEST_CALLS = 0.05;

/** For each balancer and each steady measure: the symbols that take most time, and the system calls it makes. */
export async function profile(
  group: Group,
  peers: readonly PeerName[],
  folder: string,
  options: Options,
  progress: (line: string) => void,
): Promise<string> {
  const parts: string[] = [];
  for (const peer of peers) {
    const scene = await group.open([peer]);
    try {
      const running = await launch(peer, scene.siteOf(peer), folder, options);
      const pids = running.pids();
      try {
        for (const name of options.measures.filter((m) => !MEASURES[m].fresh)) {
          progress(`profiling ${PEERS[peer].title}, ${name}`);
          parts.push(`== ${PEERS[peer].title}: ${name}`);
          parts.push(...(await profileOne(group, name, running, folder, options)));
        }
      } finally {
        await running.stop();
        // Node.js writes the names of its generated code where perf looks for them.
        for (const pid of pids) rmSync(`/tmp/perf-${pid}.map`, { force: true });
      }
    } finally {
      await scene.close();
    }
  }
  return `${parts.join('\n')}\n`;
}

async function profileOne(
  group: Group,
  name: MeasureName,
  running: RunningPeer,
  folder: string,
  options: Options,
): Promise<string[]> {
  const measure: Measure = MEASURES[name];
  await measure.run(running, { ...options, seconds: 0.5, idle: 0 }); // warm
  return group.name === 'network'
    ? profileMachine(measure, running, folder, options)
    : profileProcesses(measure, running, folder, options);
}

/** A balancer without processes of its own: what all of the machine does, in whosever time. */
async function profileMachine(measure: Measure, running: RunningPeer, folder: string, options: Options) {
  const data = join(folder, 'perf.data');
  const sampler = start('perf', ['record', '-q', '-F', HERTZ, '-a', '-g', '-o', data]);
  const sampled = await observed(sampler, () => measure.run(running, { ...options, idle: 0 }));
  return [
    `-- while sampled: ${JSON.stringify(sampled)}`,
    '-- time by function, and all that it calls',
    ...(await perfReport(data, 'symbol', ['--children'])),
    '-- time by function',
    ...(await perfReport(data, 'symbol')),
    '',
  ];
}

async function profileProcesses(
  measure: Measure,
  running: RunningPeer,
  folder: string,
  options: Options,
): Promise<string[]> {
  const data = join(folder, 'perf.data');
  const pids = running.pids();
  if (pids.length === 0) return ['no process of its own', ''];
  const sampler = start('perf', ['record', '-q', '-F', HERTZ, '-g', '-p', pids.join(','), '-o', data]);
  const sampled = await observed(sampler, () => measure.run(running, { ...options, idle: 0 }));
  const tracer = start('strace', ['-q', '-c', '-f', ...pids.flatMap((pid) => ['-p', String(pid)])]);
  const traced = await observed(tracer, () => measure.run(running, { ...options, seconds: 1, idle: 0 }));
  return [
    `-- while sampled: ${JSON.stringify(sampled)}`,
    '-- time by program or library',
    ...(await perfReport(data, 'dso')),
    '-- time by symbol',
    ...(await perfReport(data, 'dso,symbol')),
    '-- system calls for each connection, round trip or gigabyte',
    ...callsPerWork(tracer.output(), traced),
    '',
  ];
}

/** Runs the work while an observer looks on; interrupted, the observer writes what it saw. */
async function observed(observer: Started, work: () => Promise<Values>): Promise<Values | Error> {
  await delay(300); // it gives no sign when it has attached
  const result = await work().catch((error: Error) => error);
  await stop(observer, 'SIGINT');
  return result;
}

/** The heaviest entries of a recording, heaviest first; or why there are none. */
async function perfReport(data: string, sort: string, which = ['--no-children']): Promise<string[]> {
  const how = ['--stdio', ...which, '-g', 'none', '--sort', sort, '--percent-limit', '0.5'];
  // Its lines are as long as the longest name of all, and one of a C++ template has thousands of letters.
  const shortened = ['-c', 'perf report "$@" | cut -c 1-160 | head -n 300', 'sh', '-i', data, ...how];
  try {
    const lines = (await run('sh', shortened)).split('\n');
    const entries = lines.filter((line) => /^\s+\d/.test(line)).map((line) => line.replace(/[\s-]+$/, ''));
    return entries.slice(0, TOP_ENTRIES);
  } catch (error) {
    return [`no profile: ${(error as Error).message}`];
  }
}

/** Rows of strace's table ("% time, seconds, usecs/call, calls, [errors], syscall") by unit of work, most first. */
function callsPerWork(table: string, traced: Values | Error): string[] {
  if (traced instanceof Error || !traced.work) return [`no count: ${String(traced)}`, table];
  const { work } = traced;
  const rows = [...table.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?([a-z]\w*)$/gm)];
  return rows
    .map(([, calls, name]) => ({ name, each: Number(calls) / work }))
    .filter(({ each }) => each >= FEWEST_CALLS)
    .sort((a, b) => b.each - a.each)
    .map(({ name, each }) => `${each.toFixed(2).padStart(10)}  ${name}`);
}

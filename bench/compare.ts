import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MEASURES } from './measures/index.ts';
import { type MeasureName, METRIC_NAMES, type MetricName, type Values } from './metrics.ts';
import type { Options } from './options.ts';
import { PEERS, type PeerName } from './peers/index.ts';
import type { RunningPeer } from './peers/peer.ts';
import { rotated } from './statistics.ts';

const FRESH_REPEATS = 3;
const WARM_SECONDS = 0.5;

export interface Failure {
  readonly peer: PeerName;
  readonly measure: MeasureName | 'start';
  readonly message: string;
}

/** All values by metric, peer and repetition (undefined where that run failed), and why runs failed. */
export interface Comparison {
  readonly values: Record<MetricName, Partial<Record<PeerName, (number | undefined)[]>>>;
  readonly failures: Failure[];
  /** Greatest share of the load generator's threads that was busy, by peer. */
  readonly generatorBusy: Partial<Record<PeerName, number>>;
}

interface Run {
  readonly comparison: Comparison;
  readonly peers: readonly PeerName[];
  readonly folder: string;
  readonly options: Options;
  readonly progress: (line: string) => void;
}

/**
 * Measures all peers, interleaved: in each repetition every peer in turn, another first each time, so that a slow
 * spell of the machine meets all of them. Idle peers stay up meanwhile; they cost next to nothing.
 */
export async function compare(
  peers: readonly PeerName[],
  folder: string,
  options: Options,
  progress: Run['progress'],
): Promise<Comparison> {
  const values = Object.fromEntries(METRIC_NAMES.map((m) => [m, {}])) as Comparison['values'];
  const run: Run = {
    comparison: { values, failures: [], generatorBusy: {} },
    peers,
    folder,
    options,
    progress,
  };
  await compareSteady(run);
  await compareFresh(run);
  return run.comparison;
}

/** The measures for which all peers stay up. */
async function compareSteady(run: Run): Promise<void> {
  const measures = run.options.measures.filter((m) => !MEASURES[m].fresh);
  if (measures.length === 0) return;
  const running = new Map<PeerName, RunningPeer>();
  try {
    for (const peer of run.peers) {
      const one = await tryLaunch(run, peer);
      if (one) running.set(peer, one);
    }
    await warm(run, running, measures);
    for (let r = 0; r < run.options.repeat; r++) {
      for (const measure of measures) {
        for (const [peer, one] of rotated([...running], r)) {
          await measureOnce(run, { peer, measure, repetition: r }, one);
        }
      }
    }
  } finally {
    for (const one of running.values()) await one.stop();
  }
}

/** Not recorded: code gets compiled, pools of memory fill. */
async function warm(run: Run, running: Map<PeerName, RunningPeer>, measures: MeasureName[]): Promise<void> {
  for (const [peer, one] of running) {
    for (const m of measures) await MEASURES[m].run(one, { ...run.options, seconds: WARM_SECONDS });
    run.progress(`${PEERS[peer].title} is up and warm`);
  }
}

/** The measures for which each peer is started anew. */
async function compareFresh(run: Run): Promise<void> {
  const measures = run.options.measures.filter((m) => MEASURES[m].fresh);
  const peers = run.peers.filter((p) => p !== 'direct');
  for (let r = 0; r < Math.min(run.options.repeat, FRESH_REPEATS); r++) {
    for (const measure of measures) {
      for (const peer of rotated(peers, r)) {
        const one = await tryLaunch(run, peer);
        if (!one) continue;
        await measureOnce(run, { peer, measure, repetition: r }, one);
        await one.stop();
      }
    }
  }
}

/** A peer that does not start is reported and left out; the others go on. */
async function tryLaunch({ comparison, folder, options, progress }: Run, peer: PeerName) {
  if (comparison.failures.some((f) => f.peer === peer && f.measure === 'start')) return undefined;
  try {
    return await launch(peer, folder, options);
  } catch (error) {
    const { message } = error as Error;
    comparison.failures.push({ peer, measure: 'start', message });
    progress(`${PEERS[peer].title} does not start: ${message}`);
    return undefined;
  }
}

/** Starts a peer with a folder of its own. */
export function launch(peer: PeerName, folder: string, options: Options): Promise<RunningPeer> {
  const own = join(folder, peer);
  mkdirSync(own, { recursive: true });
  return PEERS[peer].start(own, { profile: options.profile });
}

async function measureOnce(
  { comparison, options, progress }: Run,
  at: { peer: PeerName; measure: MeasureName; repetition: number },
  running: RunningPeer,
): Promise<void> {
  const { peer, measure, repetition } = at;
  const where = `${repetition + 1}/${options.repeat} ${measure} ${PEERS[peer].title}`;
  try {
    const values: Values = await MEASURES[measure].run(running, options);
    const busy = Math.max(comparison.generatorBusy[peer] ?? 0, values.generatorBusy ?? 0);
    comparison.generatorBusy[peer] = busy;
    for (const name of METRIC_NAMES) {
      const value = values[name];
      if (value === undefined) continue;
      const series = (comparison.values[name][peer] ??= []);
      series[repetition] = value;
    }
    const shown = METRIC_NAMES.flatMap((name) => values[name]?.toPrecision(4) ?? []);
    progress(`${where}: ${shown.join(' ')}`);
  } catch (error) {
    const message = (error as Error).message;
    comparison.failures.push({ peer, measure, message });
    progress(`${where}: FAILED: ${message}`);
  }
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Group, Site } from './groups/group.ts';
import { MEASURES } from './measures/index.ts';
import { type MeasureName, METRIC_NAMES, type MetricName, type Values } from './metrics.ts';
import type { Options } from './options.ts';
import { PEERS, type PeerName } from './peers/index.ts';
import type { RunningPeer } from './peers/peer.ts';
import { rotated } from './statistics.ts';
import { idleLoad } from './whole-machine.ts';

const FRESH_REPEATS = 3;
const WARM_SECONDS = 0.5;
const IDLE_SECONDS = 2;
/** Of one core. All peers idle beside one another use some hundredths. */
const MUCH = 0.25;

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
  /** Seconds of CPU in a second that this machine used while nothing was measured: other programs, idle peers. */
  idle: number;
}

interface Run {
  readonly comparison: Comparison;
  readonly group: Group;
  readonly peers: readonly PeerName[];
  readonly folder: string;
  readonly options: Options;
  readonly progress: (line: string) => void;
}

/**
 * Measures the peers of a group, interleaved: in each repetition every peer in turn, another first each time, so that
 * a slow spell of the machine meets all of them. Idle peers stay up meanwhile; they cost next to nothing.
 */
export async function compare(
  group: Group,
  peers: readonly PeerName[],
  folder: string,
  options: Options,
  progress: Run['progress'],
): Promise<Comparison> {
  const values = Object.fromEntries(METRIC_NAMES.map((m) => [m, {}])) as Comparison['values'];
  const run: Run = {
    comparison: { values, failures: [], generatorBusy: {}, idle: 0 },
    group,
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
  const measures = measuresOf(run, false);
  if (measures.length === 0) return;
  const running = new Map<PeerName, RunningPeer>();
  const scene = await run.group.open(run.peers);
  try {
    for (const peer of run.peers) {
      const one = await tryLaunch(run, peer, scene.siteOf(peer));
      if (one) running.set(peer, one);
    }
    await warm(run, running, measures);
    const idle = await idleLoad(IDLE_SECONDS);
    run.comparison.idle = idle;
    const share = `while nothing is measured, ${Math.round(idle * 100)} % of one core is busy`;
    run.progress(idle > MUCH ? `${share}: other programs make these figures worthless` : share);
    for (let r = 0; r < run.options.repeat; r++) {
      for (const measure of measures) {
        for (const [peer, one] of rotated([...running], r)) {
          await measureOnce(run, { peer, measure, repetition: r, idle }, one);
        }
      }
    }
  } finally {
    for (const one of running.values()) await one.stop();
    await scene.close();
  }
}

function measuresOf({ group, options }: Run, fresh: boolean): MeasureName[] {
  return options.measures.filter((m) => group.measures.includes(m) && MEASURES[m].fresh === fresh);
}

/** Not recorded: code gets compiled, pools of memory fill. */
async function warm(run: Run, running: Map<PeerName, RunningPeer>, measures: MeasureName[]): Promise<void> {
  for (const [peer, one] of running) {
    const options = { ...run.options, seconds: WARM_SECONDS, idle: 0 };
    for (const m of measures) await MEASURES[m].run(one, options);
    run.progress(`${PEERS[peer].title} is up and warm`);
  }
}

/** The measures for which each peer is started anew, at a site that nothing has touched. */
async function compareFresh(run: Run): Promise<void> {
  const measures = measuresOf(run, true);
  for (let r = 0; r < Math.min(run.options.repeat, FRESH_REPEATS); r++) {
    for (const measure of measures) {
      for (const peer of rotated(run.peers, r)) {
        const scene = await run.group.open([peer]);
        try {
          const one = await tryLaunch(run, peer, scene.siteOf(peer));
          if (!one) continue;
          await measureOnce(run, { peer, measure, repetition: r, idle: 0 }, one);
          await one.stop();
        } finally {
          await scene.close();
        }
      }
    }
  }
}

/** A peer that does not start is reported and left out; the others go on. */
async function tryLaunch({ comparison, folder, options, progress }: Run, peer: PeerName, site: Site) {
  if (comparison.failures.some((f) => f.peer === peer && f.measure === 'start')) return undefined;
  try {
    return await launch(peer, site, folder, options);
  } catch (error) {
    const { message } = error as Error;
    comparison.failures.push({ peer, measure: 'start', message });
    progress(`${PEERS[peer].title} does not start: ${message}`);
    return undefined;
  }
}

/** Starts a peer with a folder of its own. */
export function launch(peer: PeerName, site: Site, folder: string, options: Options): Promise<RunningPeer> {
  const own = join(folder, peer);
  mkdirSync(own, { recursive: true });
  return PEERS[peer].start(site, own, { profile: options.profile });
}

interface Which {
  readonly peer: PeerName;
  readonly measure: MeasureName;
  readonly repetition: number;
  readonly idle: number;
}

async function measureOnce(run: Run, which: Which, running: RunningPeer): Promise<void> {
  const { comparison, options, progress, group } = run;
  const { peer, measure, repetition, idle } = which;
  const where = `${repetition + 1}/${options.repeat} ${measure} ${PEERS[peer].title}`;
  try {
    const values: Values = await MEASURES[measure].run(running, { ...options, idle });
    const busy = Math.max(comparison.generatorBusy[peer] ?? 0, values.generatorBusy ?? 0);
    comparison.generatorBusy[peer] = busy;
    for (const name of group.metrics) {
      const value = values[name];
      if (value === undefined) continue;
      const series = (comparison.values[name][peer] ??= []);
      series[repetition] = value;
    }
    const shown = group.metrics.flatMap((name) => values[name]?.toPrecision(4) ?? []);
    progress(`${where}: ${shown.join(' ')}`);
  } catch (error) {
    const message = (error as Error).message;
    comparison.failures.push({ peer, measure, message });
    progress(`${where}: FAILED: ${message}`);
  }
}

import { destination, type Traffic } from '../addresses.ts';
import { type LoadResult, load, THREADS } from '../load.ts';
import type { Values } from '../metrics.ts';
import type { RunningPeer } from '../peers/peer.ts';
import { cpuSeconds } from '../processes.ts';
import { busySeconds } from '../whole-machine.ts';

export interface MeasureOptions {
  readonly seconds: number;
  /** Connections open at a time in connections and roundtrips. */
  readonly connections: number;
  /** Idle connections held for the memory measure. */
  readonly held: number;
  /** Seconds of CPU in a second that this machine uses while nothing is measured. */
  readonly idle: number;
}

export interface Measure {
  /** What it does, for the report: one sentence. */
  readonly method: string;
  /** True when it needs a balancer that was started a moment ago. */
  readonly fresh: boolean;
  run(peer: RunningPeer, options: MeasureOptions): Promise<Values>;
}

export interface Loaded extends LoadResult {
  /** Seconds that all the balancer's threads used meanwhile; undefined where it has none. */
  readonly cpu: number | undefined;
  /** Seconds that all cores were busy meanwhile, less what they are while nothing is measured. */
  readonly machineCpu: number;
  /** Share of the load generator's threads that was in use. */
  readonly busy: number;
}

/** Runs a load against a peer, and looks at what it costs. */
export async function loadAndCpu(
  peer: RunningPeer,
  mode: string,
  traffic: Traffic,
  options: MeasureOptions,
  connections: number,
): Promise<Loaded> {
  await peer.site.tidy();
  const pids = peer.pids();
  const [before, busyBefore] = [cpuSeconds(pids), busySeconds()];
  const begun = performance.now();
  const to = destination(peer.addresses, traffic);
  const result = await load(peer.site, mode, to, { connections, seconds: options.seconds });
  const seconds = (performance.now() - begun) / 1e3;
  const machineCpu = busySeconds() - busyBefore - options.idle * seconds;
  if (machineCpu <= 0) throw new Error('this machine was busier before the measurement than in it');
  return {
    ...result,
    busy: result.cpuSeconds / THREADS / seconds,
    machineCpu,
    cpu: pids.length > 0 ? cpuSeconds(pids) - before : undefined,
  };
}

import { destination, type Traffic } from '../addresses.ts';
import { type LoadResult, load, THREADS } from '../load.ts';
import type { Values } from '../metrics.ts';
import type { RunningPeer } from '../peers/peer.ts';
import { cpuSeconds } from '../processes.ts';

export interface MeasureOptions {
  readonly seconds: number;
  /** Connections open at a time in connections and roundtrips. */
  readonly connections: number;
  /** Idle connections held for the memory measure. */
  readonly held: number;
}

export interface Measure {
  /** What it does, for the report: one sentence. */
  readonly method: string;
  /** True when it needs a balancer that was started a moment ago. */
  readonly fresh: boolean;
  run(peer: RunningPeer, options: MeasureOptions): Promise<Values>;
}

/**
 * Runs a load against a peer. `cpu`: seconds that all the balancer's threads used meanwhile, undefined without a
 * balancer; `busy`: the share of the load generator's threads that was in use.
 */
export async function loadAndCpu(
  peer: RunningPeer,
  mode: string,
  traffic: Traffic,
  options: Record<string, string | number>,
): Promise<LoadResult & { cpu: number | undefined; busy: number }> {
  const pids = peer.pids();
  const before = cpuSeconds(pids);
  const begun = performance.now();
  const result = await load(mode, destination(peer.addresses, traffic), options);
  const busy = result.cpuSeconds / THREADS / ((performance.now() - begun) / 1e3);
  return { ...result, busy, cpu: pids.length > 0 ? cpuSeconds(pids) - before : undefined };
}

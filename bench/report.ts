import type { Comparison, Failure } from './compare.ts';
import type { Machine } from './machine.ts';
import { keepsFloor, METRIC_NAMES, METRICS, type Metric, type MetricName } from './metrics.ts';
import type { Options } from './options.ts';
import { type PeerName, PEERS, REFERENCE } from './peers/index.ts';
import { pairedRatio, type Series, type Summary, summarize } from './statistics.ts';

/** One metric of one peer, ready to print. */
export interface Cell {
  readonly peer: PeerName;
  readonly values: Series;
  readonly summary: Summary;
  /** To HAProxy, repetition by repetition; absent where HAProxy was not measured. */
  readonly ratio?: Summary;
}

export interface Row {
  readonly name: MetricName;
  readonly metric: Metric;
  readonly cells: readonly Cell[];
  /** Whether Poolgate keeps the floor; absent where there is none or it was not measured. */
  readonly kept?: boolean;
}

/** Everything a run yields; what `--format json` prints. */
export interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly options: Options;
  readonly versions: Partial<Record<PeerName, string>>;
  readonly skipped: readonly { readonly peer: PeerName; readonly reason: string }[];
  readonly failures: readonly Failure[];
  readonly generatorBusy: Comparison['generatorBusy'];
  readonly rows: readonly Row[];
}

/** Medians and paired ratios of every metric that was measured at all. */
export function rowsOf(comparison: Comparison): Row[] {
  return METRIC_NAMES.map((name) => rowOf(name, comparison.values[name])).filter(
    (row) => row.cells.length > 0,
  );
}

function rowOf(name: MetricName, byPeer: Partial<Record<PeerName, Series>>): Row {
  const metric: Metric = METRICS[name];
  const cells = (Object.keys(PEERS) as PeerName[]).flatMap((peer) => cellOf(peer, byPeer));
  const ratio = cells.find((c) => c.peer === 'poolgate')?.ratio;
  const kept = ratio && keepsFloor(metric, ratio.median);
  return { name, metric, cells, ...(kept === undefined ? {} : { kept }) };
}

function cellOf(peer: PeerName, byPeer: Partial<Record<PeerName, Series>>): Cell[] {
  const values = byPeer[peer] ?? [];
  const summary = summarize(values);
  if (!summary) return [];
  const ratio = pairedRatio(values, byPeer[REFERENCE] ?? []);
  return [{ peer, values, summary, ...(ratio ? { ratio } : {}) }];
}

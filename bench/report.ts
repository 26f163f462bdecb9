import type { Comparison, Failure } from './compare.ts';
import type { Floor, Group, GroupName } from './groups/group.ts';
import type { Machine } from './machine.ts';
import { keeps, METRICS, type Metric, type MetricName } from './metrics.ts';
import type { Options } from './options.ts';
import type { PeerName } from './peers/index.ts';
import { paired, type Series, type Summary, summarize } from './statistics.ts';

/** One metric of one peer, ready to print. */
export interface Cell {
  readonly peer: PeerName;
  readonly values: Series;
  readonly summary: Summary;
  /** To each reference of the group, repetition by repetition; absent where one of the two was not measured. */
  readonly compared: { readonly [P in PeerName]?: Summary };
}

/** A floor and how far the judged peer is from it. */
export interface Judgement extends Floor {
  readonly value: number;
  readonly kept: boolean;
  /** Absent where there is no goal. */
  readonly reached?: boolean;
}

export interface Row {
  readonly name: MetricName;
  readonly metric: Metric;
  readonly cells: readonly Cell[];
  /** Of what could be judged. */
  readonly judgements: readonly Judgement[];
}

/** What one group yields. */
export interface GroupReport {
  readonly name: GroupName;
  readonly versions: { readonly [P in PeerName]?: string };
  readonly skipped: readonly { readonly peer: PeerName; readonly reason: string }[];
  readonly failures: readonly Failure[];
  readonly generatorBusy: Comparison['generatorBusy'];
  readonly idle: number;
  readonly rows: readonly Row[];
}

/** Everything a run yields; what `--format json` prints. */
export interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly options: Options;
  /** Groups that this machine cannot measure, and why. */
  readonly leftOut: readonly { readonly group: GroupName; readonly reason: string }[];
  readonly groups: readonly GroupReport[];
}

/** Medians and paired ratios of every metric that was measured at all. */
export function rowsOf(group: Group, comparison: Comparison): Row[] {
  return group.metrics
    .map((name) => rowOf(group, name, comparison.values[name]))
    .filter((row) => row.cells.length > 0);
}

type ByPeer = { readonly [P in PeerName]?: Series };

function rowOf(group: Group, name: MetricName, byPeer: ByPeer): Row {
  const metric: Metric = METRICS[name];
  const cells = group.peers.flatMap((peer) => cellOf(group, metric, peer, byPeer));
  const judged = cells.find((c) => c.peer === group.judged);
  const floors = group.floors[name] ?? [];
  const judgements = judged ? floors.flatMap((floor) => judge(metric, floor, judged)) : [];
  return { name, metric, cells, judgements };
}

function cellOf(group: Group, metric: Metric, peer: PeerName, byPeer: ByPeer): Cell[] {
  const values = byPeer[peer] ?? [];
  const summary = summarize(values);
  if (!summary) return [];
  const compared: { [P in PeerName]?: Summary } = {};
  for (const reference of group.references) {
    const found = paired(metric.compared, values, byPeer[reference] ?? []);
    if (found) compared[reference] = found;
  }
  return [{ peer, values, summary, compared }];
}

function judge(metric: Metric, floor: Floor, { summary, compared }: Cell): Judgement[] {
  const value = floor.to === null ? summary.median : compared[floor.to]?.median;
  if (value === undefined) return [];
  const { limit, goal } = floor;
  const reached = goal === undefined ? {} : { reached: keeps(metric, value, goal) };
  return [{ ...floor, value, kept: keeps(metric, value, limit), ...reached }];
}

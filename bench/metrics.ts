export type MeasureName = 'connections' | 'roundtrips' | 'bulk' | 'memory';

/** One column of results. */
export interface Metric {
  readonly measure: MeasureName;
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly digits: number;
  /** Ratio to HAProxy that Poolgate must keep: at least this for `more`, at most this for `less`. */
  readonly floor?: number;
}

/** Everything that is measured, in the order of the tables. */
export const METRICS = {
  connectionsPerSecond: more('connections', 'new connections', '/s', 0, 0.95),
  connectionP99: less('connections', 'connection, p99', 'ms', 2),
  connectionCpu: less('connections', 'balancer CPU per connection', 'µs', 1),
  roundTripsPerSecond: more('roundtrips', 'round trips', '/s', 0, 1),
  roundTripP50: less('roundtrips', 'round trip, p50', 'ms', 3),
  roundTripP99: less('roundtrips', 'round trip, p99', 'ms', 3, 1.2),
  roundTripCpu: less('roundtrips', 'balancer CPU per round trip', 'µs', 2),
  bulkRate: more('bulk', 'bulk', 'Gb/s', 2, 0.95),
  bulkCpu: less('bulk', 'balancer CPU per GB', 's', 3),
  heldMemory: less('memory', 'resident memory per held connection', 'KB', 2, 1),
  baseMemory: less('memory', 'resident memory with no connection', 'MB', 1),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

/** What one run of one measure yields. CPU and memory are absent where there is no balancer. */
export type Values = { [M in MetricName]?: number } & {
  /** Share (0 to 1) of the load generator's threads that was busy; near 1 means that it was the limit. */
  readonly generatorBusy?: number;
  /** Connections, round trips or gigabytes of the whole run, warm-up included. */
  readonly work?: number;
};

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** True when this ratio of Poolgate to HAProxy keeps the metric's floor; undefined when it has none. */
export function keepsFloor(metric: Metric, ratio: number): boolean | undefined {
  if (metric.floor === undefined) return undefined;
  return metric.better === 'more' ? ratio >= metric.floor : ratio <= metric.floor;
}

function more(measure: MeasureName, title: string, unit: string, digits: number, floor?: number): Metric {
  return { measure, title, unit, better: 'more', digits, ...(floor === undefined ? {} : { floor }) };
}

function less(measure: MeasureName, title: string, unit: string, digits: number, floor?: number): Metric {
  return { measure, title, unit, better: 'less', digits, ...(floor === undefined ? {} : { floor }) };
}

export type MeasureName = 'connections' | 'roundtrips' | 'bulk' | 'memory';

/** One column of results. */
export interface Metric {
  readonly measure: MeasureName;
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly digits: number;
  /** How one peer's value is compared with another's. */
  readonly compared: 'ratio' | 'difference';
}

/** Everything that is measured; groups/ says what is shown where. */
export const METRICS = {
  connectionsPerSecond: more('connections', 'new connections', '/s', 0),
  connectionP99: less('connections', 'connection, p99', 'ms', 2),
  connectionCpu: less('connections', 'balancer CPU per connection', 'µs', 1),
  connectionMachineCpu: less('connections', 'machine CPU per connection', 'µs', 1),
  roundTripsPerSecond: more('roundtrips', 'round trips', '/s', 0),
  roundTripP50: less('roundtrips', 'round trip, p50', 'ms', 3),
  roundTripP99: less('roundtrips', 'round trip, p99', 'ms', 3),
  roundTripCpu: less('roundtrips', 'balancer CPU per round trip', 'µs', 2),
  roundTripMachineCpu: less('roundtrips', 'machine CPU per round trip', 'µs', 2),
  bulkRate: more('bulk', 'bulk', 'Gb/s', 2),
  bulkCpu: less('bulk', 'balancer CPU per GB', 's', 3),
  bulkMachineCpu: less('bulk', 'machine CPU per GB', 's', 3),
  heldMemory: less('memory', 'resident memory per held connection', 'KB', 2),
  heldKernelMemory: {
    ...less('memory', 'kernel memory per idle connection', 'KB', 2),
    compared: 'difference',
  },
  baseMemory: less('memory', 'resident memory with no connection', 'MB', 1),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

/** What one run of one measure yields. Figures of a balancer's processes are absent where there are none. */
export type Values = { [M in MetricName]?: number } & {
  /** Share (0 to 1) of the load generator's threads that was busy; near 1 means that it was the limit. */
  readonly generatorBusy?: number;
  /** Connections, round trips or gigabytes of the whole run, warm-up included. */
  readonly work?: number;
};

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** True when this value, or this ratio or difference to another peer, keeps a limit. */
export function keeps(metric: Metric, value: number, limit: number): boolean {
  return metric.better === 'more' ? value >= limit : value <= limit;
}

function more(measure: MeasureName, title: string, unit: string, digits: number) {
  return { measure, title, unit, better: 'more', digits, compared: 'ratio' } as const;
}

function less(measure: MeasureName, title: string, unit: string, digits: number) {
  return { measure, title, unit, better: 'less', digits, compared: 'ratio' } as const;
}

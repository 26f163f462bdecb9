/** The metrics in Prometheus' text format, collected when they are asked for. */
import { Counter, Gauge, Registry } from '@prometheus-io/client';
import type { Controller } from '../state/contract.ts';
import type { Metric, Moment } from './metric.ts';
import { METRICS } from './metric-table.ts';
import { portSeries } from './port-series.ts';

export interface Scrape {
  readonly contentType: string;
  readonly body: string;
}

/** A registry per scrape: a server that was removed leaves no series behind, and nothing is counted twice. */
export async function renderMetrics(
  controller: Pick<Controller, 'status' | 'servers' | 'counters' | 'sources'>,
): Promise<Scrape> {
  const counters = controller.counters();
  const moment = {
    status: controller.status(),
    servers: controller.servers(),
    counters,
    ports: portSeries(counters.ports),
    sources: await controller.sources(),
  };
  const registry = new Registry();
  for (const metric of METRICS) register(registry, metric, moment);
  return { contentType: registry.contentType, body: await registry.metrics() };
}

function register(registry: Registry, metric: Metric, moment: Moment): void {
  const settings = { name: metric.name, help: metric.help, labelNames: metric.labels, registers: [registry] };
  const into = metric.type === 'counter' ? new Counter(settings) : new Gauge(settings);
  for (const { labels, value } of metric.read(moment)) into.inc(labels, value);
}

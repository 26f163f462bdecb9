/** What a metric is, and the common ways of reading one off the running balancer. */
import type {
  PersistenceCounters,
  PlaneCounters,
  PortCounters,
  ServerCounters,
} from '../dataplane/dataplane.ts';
import type { ServerView, SourceView, StatusView } from '../state/contract.ts';
import type { PortSeries } from './port-series.ts';

/** One moment of the running balancer; all metrics of a scrape come from the same. */
export interface Moment {
  readonly status: StatusView;
  readonly servers: readonly ServerView[];
  readonly counters: PlaneCounters;
  readonly ports: readonly PortSeries[];
  readonly sources: readonly SourceView[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  /** `poolgate_<thing>_<unit>`, counters with `_total` after it. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** `bool` is 0 or 1; `info` is always 1 and tells by its labels. */
  readonly unit: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (moment: Moment) => Sample[];
}

const SERVER = ['pool', 'real_server'] as const;
const PORT = ['virtual_service', 'port', 'protocol'] as const;

type Kind = Metric['type'];

export function own(name: string, unit: string, help: string, value: (status: StatusView) => number): Metric {
  return {
    name,
    type: 'gauge',
    unit,
    help,
    labels: [],
    read: ({ status }) => [{ labels: {}, value: value(status) }],
  };
}

export function ofPool(
  name: string,
  help: string,
  value: (pool: StatusView['pools'][number]) => number,
): Metric {
  const read: Metric['read'] = ({ status }) =>
    status.pools.map((p) => ({ labels: { pool: p.name }, value: value(p) }));
  return { name, type: 'gauge', unit: 'servers', help, labels: ['pool'], read };
}

export function ofPort(
  type: Kind,
  name: string,
  unit: string,
  help: string,
  value: (port: PortCounters) => number,
): Metric {
  const read: Metric['read'] = ({ ports }) =>
    ports.map(({ label, counters }) => ({
      labels: { virtual_service: counters.service, port: label, protocol: counters.protocol },
      value: value(counters),
    }));
  return { name, type, unit, help, labels: PORT, read };
}

/** Of virtual services with persistence. */
export function ofPersistence(
  type: Kind,
  name: string,
  unit: string,
  help: string,
  value: (of: PersistenceCounters) => number,
): Metric {
  const read: Metric['read'] = ({ counters }) =>
    [...counters.persistence].map(([service, of]) => ({
      labels: { virtual_service: service },
      value: value(of),
    }));
  return { name, type, unit, help, labels: ['virtual_service'], read };
}

export function ofServer(
  type: Kind,
  name: string,
  unit: string,
  help: string,
  value: (server: ServerView) => number,
): Metric {
  const read: Metric['read'] = ({ servers }) =>
    servers.map((s) => ({ labels: { pool: s.pool, real_server: s.name }, value: value(s) }));
  return { name, type, unit, help, labels: SERVER, read };
}

/** Of the data plane's counters, so that a pool's fallback (`fallback:`) has them too. */
export function counted(
  type: Kind,
  name: string,
  unit: string,
  help: string,
  value: (of: ServerCounters) => number,
): Metric {
  const read: Metric['read'] = ({ counters }) =>
    [...counters.servers].map(([key, of]) => {
      const [pool = '', ...rest] = key.split('/');
      return { labels: { pool, real_server: rest.join('/') }, value: value(of) };
    });
  return { name, type, unit, help, labels: SERVER, read };
}

export function checksOf(
  servers: readonly ServerView[],
  value: (of: ServerView['checks'][number]) => number,
): Sample[] {
  return servers.flatMap((s) =>
    s.checks
      .filter((c) => c.at !== null)
      .map((c) => ({
        labels: { pool: s.pool, real_server: s.name, port: String(c.port), type: c.type },
        value: value(c),
      })),
  );
}

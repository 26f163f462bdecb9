/** From running totals to what happens in a second, and how that went lately. Pure. */
import type { PoolgateEvent, ServerView, SourceView, StatusView } from '../../state/contract.ts';

/** What the daemon said at one moment. */
export interface Sample {
  /** Monotonic, ms. */
  readonly at: number;
  readonly status: StatusView;
  readonly sources: readonly SourceView[];
  readonly servers: readonly ServerView[];
  /** Oldest first. */
  readonly events: readonly PoolgateEvent[];
}

/** Per second. */
export interface Rates {
  readonly connections: number;
  readonly refused: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface Trace {
  readonly last: Sample | null;
  /** By name, oldest first, `KEPT` at most. */
  readonly servers: ReadonlyMap<string, readonly Rates[]>;
  readonly services: ReadonlyMap<string, readonly Rates[]>;
}

/** As many as a sparkline has columns. */
export const KEPT = 20;

export const NO_TRACE: Trace = { last: null, servers: new Map(), services: new Map() };
export const NO_RATES: Rates = { connections: 0, refused: 0, bytesIn: 0, bytesOut: 0 };

export function follow(trace: Trace, next: Sample): Trace {
  const { last } = trace;
  // Another process counts from zero: what its counters differ by says nothing.
  const before = last?.status.startedAt === next.status.startedAt ? last : null;
  const seconds = before ? (next.at - before.at) / 1000 : 0;
  const kept = before ? trace : NO_TRACE;
  return {
    last: next,
    servers: advance(
      kept.servers,
      totals(before?.servers ?? [], serverTotals),
      totals(next.servers, serverTotals),
      seconds,
    ),
    services: advance(
      kept.services,
      totals(before?.status.services ?? [], serviceTotals),
      totals(next.status.services, serviceTotals),
      seconds,
    ),
  };
}

/** Of the latest second; zeros before there are two samples. */
export function latest(of: Trace['servers'], name: string): Rates {
  return of.get(name)?.at(-1) ?? NO_RATES;
}

export function nameOf({ pool, name }: ServerView): string {
  return `${pool}/${name}`;
}

function serverTotals(s: ServerView): [string, Rates] {
  return [nameOf(s), { connections: s.total, refused: 0, bytesIn: s.bytesIn, bytesOut: s.bytesOut }];
}

function serviceTotals(s: StatusView['services'][number]): [string, Rates] {
  return [s.name, { ...NO_RATES, connections: s.total, refused: s.refused }];
}

function totals<T>(items: readonly T[], of: (item: T) => [string, Rates]): Map<string, Rates> {
  return new Map(items.map(of));
}

function advance(
  known: Trace['servers'],
  before: ReadonlyMap<string, Rates>,
  now: ReadonlyMap<string, Rates>,
  seconds: number,
): Trace['servers'] {
  return new Map(
    [...now].map(([name, total]) => {
      const earlier = before.get(name);
      if (!earlier || seconds <= 0) return [name, known.get(name) ?? []];
      return [name, [...(known.get(name) ?? []), perSecond(earlier, total, seconds)].slice(-KEPT)];
    }),
  );
}

/** A total that fell belongs to another thing of the same name, and counts from zero. */
function perSecond(before: Rates, now: Rates, seconds: number): Rates {
  const rate = (key: keyof Rates) => (now[key] >= before[key] ? now[key] - before[key] : now[key]) / seconds;
  return {
    connections: rate('connections'),
    refused: rate('refused'),
    bytesIn: rate('bytesIn'),
    bytesOut: rate('bytesOut'),
  };
}

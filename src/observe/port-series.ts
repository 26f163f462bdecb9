/** Which ports share a series: a range of ten thousand must not make ten thousand of each metric. */
import type { PortCounters } from '../dataplane/dataplane.ts';

/** A virtual service with more ports than this is shown by runs of ports, not port by port. */
export const MOST_SINGLE_PORTS = 100;

/** One port of a virtual service or, where it has very many, ports of one protocol in a row, summed. */
export interface PortSeries {
  /** `5061`, or `50000-59999`. */
  readonly label: string;
  readonly counters: PortCounters;
}

export function portSeries(ports: readonly PortCounters[]): PortSeries[] {
  const ofService = Map.groupBy(ports, (port) => port.service);
  return [...ofService.values()].flatMap((own) =>
    own.length > MOST_SINGLE_PORTS ? runs(own) : own.map((port) => seriesOf([port])),
  );
}

function runs(ports: readonly PortCounters[]): PortSeries[] {
  const ordered = ports.toSorted(
    (a, b) => compare(a.vip, b.vip) || compare(a.protocol, b.protocol) || a.port - b.port,
  );
  const found: PortCounters[][] = [];
  for (const port of ordered) {
    const run = found.at(-1);
    const last = run?.at(-1);
    const follows = last?.vip === port.vip && last.protocol === port.protocol && last.port === port.port - 1;
    if (run && follows) run.push(port);
    else found.push([port]);
  }
  return found.map(seriesOf);
}

function seriesOf(run: readonly PortCounters[]): PortSeries {
  const first = run[0]!;
  const last = run.at(-1)!;
  return {
    label: run.length === 1 ? `${first.port}` : `${first.port}-${last.port}`,
    counters: run.length === 1 ? first : run.slice(1).reduce(add, first),
  };
}

function add(a: PortCounters, b: PortCounters): PortCounters {
  return {
    ...a,
    active: a.active + b.active,
    total: a.total + b.total,
    refused: a.refused + b.refused,
    atServerLimits: a.atServerLimits + b.atServerLimits,
    atServiceLimit: a.atServiceLimit + b.atServiceLimit,
    atSourceLimit: a.atSourceLimit + b.atSourceLimit,
    atSourceRate: a.atSourceRate + b.atSourceRate,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

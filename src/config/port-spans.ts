/** All ports of all virtual services, each span with where it is written. */
import { canonicalAddress } from '../model/address.ts';
import type { PortRange } from '../model/effective.ts';
import type { Path } from '../model/path.ts';
import type { PortEntry } from '../model/ports.ts';
import { toRange } from '../model/ports.ts';
import { portRanges } from './resolve.ts';
import type { SalvagedConfig } from './salvage.ts';

export interface Span {
  readonly service: number;
  readonly serviceName: string;
  /** Canonical. */
  readonly vip: string;
  readonly pool: string | undefined;
  readonly range: PortRange;
  /** Of the entry; of the service when the profile named the port. */
  readonly path: Path;
}

/** Of a config with errors: of the services that have a VIP, the entries that are valid. */
export function portSpans(config: SalvagedConfig): Span[] {
  return (config.virtualServices ?? []).flatMap((service, i): Span[] => {
    if (service?.vip === undefined) return [];
    const common = {
      service: i,
      serviceName: service.name ?? `number ${i + 1}`,
      vip: canonicalAddress(service.vip),
      pool: service.pool,
    };
    const at = ['virtualServices', i] as const;
    if (!service.ports)
      return ofProfile(config, service.pool).map((range) => ({ ...common, range, path: at }));
    return service.ports.flatMap((entry, n) => {
      if (!isEntry(entry)) return [];
      return [{ ...common, range: toRange(entry), path: [...at, 'ports', n] }];
    });
  });
}

function ofProfile(config: SalvagedConfig, poolName: string | undefined): readonly PortRange[] {
  const pool = config.pools?.find((p) => p?.name !== undefined && p.name === poolName);
  return portRanges(undefined, pool?.profile, pool?.options) ?? [];
}

function isEntry(entry: unknown): entry is PortEntry {
  if (typeof entry !== 'object') return entry !== undefined;
  return entry !== null && (entry as { port?: unknown }).port !== undefined;
}

export type Ports = Pick<PortRange, 'protocol' | 'first' | 'last'>;

/** Whether they have a port in common. */
export function meet(a: Ports, b: Ports): boolean {
  return a.protocol === b.protocol && a.first <= b.last && b.first <= a.last;
}

/** The ports of the servers that the span leads to. */
export function serverSpan({ range }: Span): Ports {
  const { protocol, first, last, serverFirst } = range;
  return { protocol, first: serverFirst, last: serverFirst + last - first };
}

/** A config as lints see it: pools and services with what belongs to each. */
import type { EffectivePool, EffectiveService, PortRange } from '../../model/effective.ts';
import type { PoolInput } from '../../model/pool.ts';
import type { VirtualServiceInput } from '../../model/virtual-service.ts';
import { type Profile, type ProfilePort, portsOf, transportOf } from '../../profiles/profile.ts';
import { findProfile } from '../../profiles/profiles.ts';
import type { Subject } from '../rule.ts';

export interface PoolView {
  /** Index in `pools`. */
  readonly at: number;
  readonly pool: EffectivePool;
  readonly input: PoolInput;
  readonly profile: Profile | null;
  /** Of the profile, under the options of the pool. */
  readonly ports: readonly ProfilePort[];
  readonly services: readonly ServiceView[];
}

export interface ServiceView {
  /** Index in `virtualServices`. */
  readonly at: number;
  readonly service: EffectiveService;
  readonly input: VirtualServiceInput;
}

/** Each lint asks for them, and a config may have thousands. */
const KNOWN = new WeakMap<Subject, readonly PoolView[]>();

export function poolsOf(subject: Subject): readonly PoolView[] {
  const known = KNOWN.get(subject) ?? viewsOf(subject);
  KNOWN.set(subject, known);
  return known;
}

function viewsOf({ input, effective }: Subject): readonly PoolView[] {
  const services = effective.services.flatMap((service, at): ServiceView[] => {
    const given = input.virtualServices[at];
    return given ? [{ at, service, input: given }] : [];
  });
  const byPool = Map.groupBy(services, ({ service }) => service.pool);
  return effective.pools.flatMap((pool, at): PoolView[] => {
    const own = input.pools[at];
    if (!own) return [];
    const profile = pool.profile === null ? null : findProfile(pool.profile);
    const ports = profile ? portsOf(profile, own.options ?? {}) : [];
    return [{ at, pool, input: own, profile, ports, services: byPool.get(pool.name) ?? [] }];
  });
}

/** What is written in a pool of one service: each entry of `ports` with its place; those of the profile are at the service. */
export function entriesOf({ at, service, input }: ServiceView): {
  readonly range: PortRange;
  readonly path: readonly (string | number)[];
}[] {
  return service.ports.map((range, n) => ({
    range,
    path: input.ports ? ['virtualServices', at, 'ports', n] : ['virtualServices', at],
  }));
}

export interface Span {
  readonly port: number;
  readonly portEnd?: number;
  readonly transport?: 'tcp' | 'udp';
}

/** Whether a range of VIP ports has one of these. */
export function meets(range: PortRange, span: Span): boolean {
  const last = span.portEnd ?? span.port;
  return range.protocol === transportOf(span) && range.first <= last && span.port <= range.last;
}

/** Whether the ranges have all of these. */
export function covers(ranges: readonly PortRange[], span: Span): boolean {
  let next = span.port;
  const last = span.portEnd ?? span.port;
  const sorted = ranges.filter((r) => r.protocol === transportOf(span)).toSorted((a, b) => a.first - b.first);
  for (const { first, last: end } of sorted) if (first <= next && end >= next) next = end + 1;
  return next > last;
}

/** `3478/udp`, `50000-59999`. */
export function spanText(span: Span): string {
  const ports = span.portEnd === undefined ? `${span.port}` : `${span.port}-${span.portEnd}`;
  return span.transport === 'udp' ? `${ports}/udp` : ports;
}

/** `5071, 5072 and 8404`. */
export function listText(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

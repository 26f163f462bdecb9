/** What `poolgate status` and `poolgate servers` show, from the parts of the running state. Pure. */
import type { PlaneCounters, PortCounters, ServerCounters } from '../dataplane/dataplane.ts';
import type { Failure } from '../health/running-check.ts';
import { isoTime } from '../lib/clock.ts';
import { joinRanges } from '../config/port-ranges.ts';
import type { EffectiveConfig, EffectivePool, EffectiveService, PortRange } from '../model/effective.ts';
import { formatRange } from '../model/ports.ts';
import type { Entry } from './chronicle.ts';
import type { CheckView, ServerView, ServiceView, StatusView } from './contract.ts';
import { causeOf } from './messages.ts';
import type { Standing } from './standing.ts';
import { usableOf } from './standing.ts';

export interface ServerParts {
  readonly standing: Standing;
  readonly entry: Entry | undefined;
  readonly counters: ServerCounters | undefined;
  readonly checks: readonly CheckView[];
  readonly failures: readonly Failure[];
  /** Wall clock, ms, for a server of which nothing was told yet. */
  readonly now: number;
}

export function serverView(parts: ServerParts): ServerView {
  const { standing, entry, counters, checks, failures } = parts;
  const { pool, server, admin, weight } = standing;
  // What the plane was told, so that whoever reads it and connects is not early.
  const health = entry?.standing.health ?? standing.health;
  const usable = entry?.standing.verdict.selectable ?? false;
  return {
    pool: pool.name,
    name: server.name,
    address: server.address,
    admin,
    health,
    usable,
    weight,
    active: counters?.active ?? 0,
    total: counters?.total ?? 0,
    checks: checks.length > 0 ? checks : pool.healthChecks.map(notRun),
    reason: usable ? '' : reasonOf(standing, failures),
    since: isoTime(entry?.since ?? parts.now),
    downs: entry?.downs ?? 0,
    bytesIn: counters?.bytesIn ?? 0,
    bytesOut: counters?.bytesOut ?? 0,
    connectErrors: counters?.connectErrors ?? 0,
    connectTimeouts: counters?.connectTimeouts ?? 0,
    redispatches: counters?.redispatches ?? 0,
    sourceShortages: counters?.sourceShortages ?? 0,
    maxConnections: server.maxConnections,
  };
}

function notRun({ type, port }: EffectivePool['healthChecks'][number]): CheckView {
  return { type, port, result: 'INI', text: '', durationMs: 0, at: null };
}

function reasonOf({ verdict, health }: Standing, failures: readonly Failure[]): string {
  if (verdict.selectable) return 'about to be used';
  if (health !== 'down' || failures.length === 0) return verdict.reason;
  return `${verdict.reason}: ${causeOf(failures)}`;
}

/** The part of the status that is about traffic. */
export function traffic(
  config: EffectiveConfig,
  all: readonly Standing[],
  counters: PlaneCounters,
): Pick<StatusView, 'workers' | 'capacity' | 'tracked' | 'active' | 'services' | 'pools'> {
  return {
    workers: counters.workers,
    capacity: counters.capacity,
    tracked: counters.tracked,
    active: counters.ports.reduce((sum, p) => sum + p.active, 0),
    services: config.services.map((s) => serviceView(s, config.pools, all, counters)),
    pools: config.pools.map(({ name }) => ({ name, ...usableOf(all, name) })),
  };
}

function serviceView(
  service: EffectiveService,
  pools: readonly EffectivePool[],
  all: readonly Standing[],
  counters: PlaneCounters,
): ServiceView {
  const own = counters.ports.filter((p) => p.service === service.name);
  const total = (of: (port: PortCounters) => number): number => own.reduce((sum, p) => sum + of(p), 0);
  const fallback = pools.find((p) => p.name === service.pool)?.fallback ?? null;
  const serving = usableOf(all, service.pool).usable > 0;
  return {
    name: service.name,
    vip: service.vip,
    pool: service.pool,
    ports: portsText(service.ports),
    scheduler: service.scheduler,
    state: serving ? 'serving' : fallback ? 'fallback' : 'refusing',
    active: total((p) => p.active),
    total: total((p) => p.total),
    refused: total((p) => p.refused),
    limited: {
      atServerLimits: total((p) => p.atServerLimits),
      atServiceLimit: total((p) => p.atServiceLimit),
      atSourceLimit: total((p) => p.atSourceLimit),
      atSourceRate: total((p) => p.atSourceRate),
    },
    persistence: counters.persistence.get(service.name) ?? null,
  };
}

/** `135, 443-444, 5060-5061, 3478/udp`: in order, TCP first, neighbours joined. */
export function portsText(ranges: readonly PortRange[]): string {
  // Where they lead to does not matter here, so that neighbours with different mappings are joined too.
  const unmapped = ranges.map((range) => ({ ...range, serverFirst: range.first }));
  return joinRanges(unmapped).map(formatRange).join(', ');
}

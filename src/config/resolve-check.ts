/** A health check's part of resolve-pool.ts. */
import type { ConfigInput } from '../model/config.ts';
import type { HealthCheck, HttpWishes, SipWishes, TlsWishes } from '../model/effective.ts';
import type { HealthCheckInput } from '../model/health-check.ts';
import type { PoolInput } from '../model/pool.ts';
import { SCHEMA_DEFAULTS } from '../model/schema-defaults.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Trace } from './trace.ts';

export interface CheckPlace {
  readonly trace: Trace;
  readonly config: ConfigInput;
  readonly pool: PoolInput;
  readonly profile: Profile | null;
  /** e.g. `pools[ocspool].healthChecks[0]`. */
  readonly at: string;
  readonly check: HealthCheckInput;
  /** Who says that there is this check. */
  readonly from: string;
}

const SIPS_PORT = 5061;

/** Whether TLS is spoken: by type, and for SIP by transport, which the port of SIP over TLS implies. */
export function overTls({
  type,
  port,
  transport,
}: Pick<HealthCheckInput, 'type' | 'port' | 'transport'>): boolean {
  if (type !== 'sip') return type === 'tls' || type === 'https';
  return (transport ?? (port === SIPS_PORT ? 'tls' : 'tcp')) === 'tls';
}

export function resolveCheck(place: CheckPlace): HealthCheck {
  const { trace, at, check, from } = place;
  trace.note(`${at}.type`, check.type, from);
  trace.note(`${at}.port`, check.port, from);
  const { type, port } = check;
  return {
    type,
    port,
    ...pace(place),
    ...(overTls(check) ? { tls: tlsWishes(place) } : {}),
    ...(type === 'http' || type === 'https' ? { http: httpWishes(place) } : {}),
    ...(type === 'sip' ? { sip: sipWishes(place) } : {}),
  };
}

function pace({
  trace,
  config,
  profile,
  at,
  check,
}: CheckPlace): Pick<HealthCheck, 'intervalMs' | 'timeoutMs' | 'rise' | 'fall'> {
  const given = config.defaults?.healthCheck;
  const schema = SCHEMA_DEFAULTS.healthCheck;
  const own = { interval: profile?.checkInterval?.value, timeout: undefined };
  const ms = (key: 'interval' | 'timeout'): number =>
    trace.pickMs(
      `${at}.${key}`,
      [check[key], 'file'],
      [own[key], `profile ${profile?.name}`],
      [given?.[key], 'defaults'],
      [schema[key], 'schema'],
    );
  const count = (key: 'rise' | 'fall'): number =>
    trace.pick<number>(
      `${at}.${key}`,
      [check[key], 'file'],
      [given?.[key], 'defaults'],
      [schema[key], 'schema'],
    );
  return { intervalMs: ms('interval'), timeoutMs: ms('timeout'), rise: count('rise'), fall: count('fall') };
}

function tlsWishes({ trace, pool, at, check }: CheckPlace): TlsWishes {
  return {
    serverName: trace.pick<string | null>(
      `${at}.serverName`,
      [check.serverName, 'file'],
      [pool.fqdn, "the pool's fqdn"],
      [null, 'schema'],
    ),
    verify: trace.pick(`${at}.verify`, [check.verify, 'file'], [false, 'schema']),
    caFile: trace.pick<string | null>(`${at}.caFile`, [check.caFile, 'file'], [null, 'schema']),
    minDaysLeft: trace.pick(`${at}.minDaysLeft`, [check.minDaysLeft, 'file'], [0, 'schema']),
  };
}

function httpWishes(place: CheckPlace): HttpWishes {
  const { trace, pool, at, check, from } = place;
  return {
    path: trace.pick(`${at}.path`, [check.path, from], ['/', 'schema']),
    host: trace.pick<string | null>(
      `${at}.host`,
      [check.host, 'file'],
      [check.serverName, 'serverName'],
      [pool.fqdn, "the pool's fqdn"],
      [null, 'schema'],
    ),
    expectStatus: expectStatus(place),
    expectBody: trace.pick<string | null>(`${at}.expectBody`, [check.expectBody, 'file'], [null, 'schema']),
  };
}

function sipWishes(place: CheckPlace): SipWishes {
  const { trace, pool, at, check } = place;
  trace.pick(`${at}.transport`, [check.transport, 'file'], [overTls(check) ? 'tls' : 'tcp', 'schema']);
  return { domain: check.serverName ?? pool.fqdn ?? null, expectStatus: expectStatus(place) };
}

function expectStatus({ trace, at, check }: CheckPlace): readonly number[] | null {
  return trace.pick<readonly number[] | null>(
    `${at}.expectStatus`,
    [check.expectStatus, 'file'],
    [null, 'schema'],
  );
}

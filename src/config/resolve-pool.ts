/** The pool's part of resolve.ts. */
import { canonicalAddress } from '../model/address.ts';
import type { ConfigInput } from '../model/config.ts';
import type { EffectivePool, EffectiveServer, Fallback, HealthCheck } from '../model/effective.ts';
import type { HealthCheckInput } from '../model/health-check.ts';
import type { PoolInput, RealServerInput } from '../model/pool.ts';
import { SCHEMA_DEFAULTS } from '../model/schema-defaults.ts';
import { checksOf, type ProfileCheck } from '../profiles/profile.ts';
import { findProfile } from '../profiles/profiles.ts';
import { resolveCheck } from './resolve-check.ts';
import type { Trace } from './trace.ts';

/** @param firstPort server port of the first TCP port of the services of this pool; null when there is none */
export function resolvePool(
  trace: Trace,
  config: ConfigInput,
  pool: PoolInput,
  firstPort: number | null,
): EffectivePool {
  const at = `pools[${pool.name}]`;
  if (pool.profile !== undefined) trace.note(`${at}.profile`, pool.profile, 'file');
  noteOptions(trace, at, pool);
  if (pool.fqdn !== undefined) trace.note(`${at}.fqdn`, pool.fqdn, 'file');
  const { defaults } = config;
  return {
    name: pool.name,
    profile: pool.profile ?? null,
    fqdn: pool.fqdn ?? null,
    healthChecks: resolveChecks(trace, config, pool, firstPort),
    onDown: trace.pick(
      `${at}.onDown`,
      [pool.onDown, 'file'],
      [defaults?.onDown, 'defaults'],
      [SCHEMA_DEFAULTS.onDown, 'schema'],
    ),
    drain: {
      timeoutMs: trace.pickMs(
        `${at}.drain.timeout`,
        [pool.drain?.timeout, 'file'],
        [defaults?.drain?.timeout, 'defaults'],
        [SCHEMA_DEFAULTS.drain.timeout, 'schema'],
      ),
      keepPersistence: trace.pick<boolean>(
        `${at}.drain.keepPersistence`,
        [pool.drain?.keepPersistence, 'file'],
        [defaults?.drain?.keepPersistence, 'defaults'],
        [SCHEMA_DEFAULTS.drain.keepPersistence, 'schema'],
      ),
    },
    realServers: pool.realServers.map((server) => resolveServer(trace, at, server)),
    fallback: resolveFallback(trace, at, pool),
  };
}

function noteOptions(trace: Trace, at: string, pool: PoolInput): void {
  const profile = pool.profile === undefined ? null : findProfile(pool.profile);
  for (const [name, option] of Object.entries(profile?.options ?? {})) {
    trace.pick(
      `${at}.options.${name}`,
      [pool.options?.[name], 'file'],
      [option.default, `profile ${profile?.name}`],
    );
  }
}

function resolveServer(trace: Trace, pool: string, server: RealServerInput): EffectiveServer {
  const at = `${pool}.realServers[${server.name}]`;
  const address = canonicalAddress(server.address);
  if (server.fqdn !== undefined) trace.note(`${at}.fqdn`, server.fqdn, 'file');
  trace.note(`${at}.address`, address, 'file');
  return {
    name: server.name,
    fqdn: server.fqdn ?? null,
    address,
    weight: trace.pick(`${at}.weight`, [server.weight, 'file'], [SCHEMA_DEFAULTS.weight, 'schema']),
    maxConnections: trace.pick<number>(
      `${at}.maxConnections`,
      [server.maxConnections, 'file'],
      [SCHEMA_DEFAULTS.maxConnections, 'schema'],
    ),
    admin: trace.pick(`${at}.admin`, [server.admin, 'file'], [SCHEMA_DEFAULTS.admin, 'schema']),
  };
}

function resolveFallback(trace: Trace, pool: string, { fallback }: PoolInput): Fallback | null {
  if (!fallback) return null;
  const address = canonicalAddress(fallback.address);
  trace.note(`${pool}.fallback.address`, address, 'file');
  if (fallback.port !== undefined) trace.note(`${pool}.fallback.port`, fallback.port, 'file');
  return { address, port: fallback.port ?? null };
}

function resolveChecks(
  trace: Trace,
  config: ConfigInput,
  pool: PoolInput,
  firstPort: number | null,
): readonly HealthCheck[] {
  const { checks, from } = checksWanted(pool, firstPort);
  const profile = pool.profile === undefined ? null : findProfile(pool.profile);
  const at = `pools[${pool.name}].healthChecks`;
  if (checks.length === 0) trace.note(at, [], from);
  return checks.map((check, i) =>
    resolveCheck({ trace, config, pool, profile, at: `${at}[${i}]`, check, from }),
  );
}

function checksWanted(
  pool: PoolInput,
  firstPort: number | null,
): { checks: readonly HealthCheckInput[]; from: string } {
  if (pool.healthChecks) return { checks: pool.healthChecks, from: 'file' };
  const profile = pool.profile === undefined ? null : findProfile(pool.profile);
  const own = profile && checksOf(profile, pool.options ?? {});
  if (own) return { checks: own.map(checkInput), from: `profile ${profile?.name}` };
  return { checks: firstPort === null ? [] : [{ type: 'tcp', port: firstPort }], from: 'schema' };
}

function checkInput({ type, port, path }: ProfileCheck): HealthCheckInput {
  return path === undefined ? { type, port } : { type, port, path };
}

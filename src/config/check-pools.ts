/** Each pool by itself: servers, weights, health checks. */
import { type PathProblem, problem } from './issues.ts';
import type { Salvaged, SalvagedConfig } from './salvage.ts';
import type { PoolInput } from '../model/pool.ts';
import { findProfile } from '../profiles/profiles.ts';

type Pool = Salvaged<PoolInput>;

export function checkPools(config: SalvagedConfig): PathProblem[] {
  const { pools = [], virtualServices } = config;
  const used = new Set(virtualServices?.map((s) => s?.pool));
  const complete = virtualServices !== undefined && !used.has(undefined);
  const problems = pools.flatMap((pool, i) => {
    if (!pool) return [];
    const at = ['pools', i] as const;
    const unused = complete && pool.name !== undefined && !used.has(pool.name);
    return [
      ...(unused ? [unusedPool(at, pool.name ?? '')] : []),
      ...servers(at, pool),
      ...healthChecks(at, pool),
    ];
  });
  // A router between two networks serves by itself.
  if (virtualServices?.length !== 0 || config.topology?.routing === true) return problems;
  const message = 'There is no virtual service, so nothing is served.';
  return [...problems, problem('CONFIG_NO_SERVICES', ['virtualServices'], 'key', message, 'Add one.')];
}

type At = readonly ['pools', number];

function unusedPool(at: At, name: string): PathProblem {
  const message = `No virtual service uses the pool \`${name}\`.`;
  const hint = `Add one with \`pool: ${name}\`, or remove the pool.`;
  return problem('CONFIG_UNUSED_POOL', [...at, 'name'], 'value', message, hint);
}

function servers(at: At, { realServers }: Pool): PathProblem[] {
  if (!realServers) return [];
  if (realServers.length === 0) {
    const message = 'The pool has no real server: connects go to the fallback or are refused.';
    return [
      problem('CONFIG_NO_SERVERS', [...at, 'realServers'], 'key', message, 'Add one, or remove the pool.'),
    ];
  }
  if (realServers.some((s) => s?.weight !== 0)) return [];
  const message = 'All servers of the pool have weight 0, so all of them drain.';
  const hint = 'Give at least one of them a weight of 1 or more.';
  return [problem('CONFIG_ALL_WEIGHTS_ZERO', [...at, 'realServers', 0, 'weight'], 'value', message, hint)];
}

function healthChecks(at: At, { profile, healthChecks: checks }: Pool): PathProblem[] {
  if (!checks) return [];
  if (checks.length === 0) {
    // Where a profile wants certain ports checked, its rules name them.
    if (profile !== undefined && findProfile(profile)?.limits?.checkOneOf.length) return [];
    const message = 'Without health checks servers count as up without being asked, dead ones too.';
    const hint = 'Remove the empty list to get the checks that the profile or the first port gives.';
    return [problem('CONFIG_NO_HEALTH_CHECKS', [...at, 'healthChecks'], 'key', message, hint)];
  }
  const seen = new Set<string>();
  return checks.flatMap((check, i) => {
    if (check?.type === undefined || check.port === undefined) return [];
    const key = `${check.type} ${check.port}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const message = `The pool has two health checks \`${key}\`.`;
    return [
      problem('CONFIG_DUPLICATE_CHECK', [...at, 'healthChecks', i], 'value', message, 'Keep one of them.'),
    ];
  });
}

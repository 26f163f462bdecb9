/** Where each real server stands: config, live changes and health side by side. All else derives from this list. */
import type { Watched } from '../health/runner.ts';
import type { AdminState, EffectiveConfig, EffectivePool, EffectiveServer } from '../model/effective.ts';
import type { Health } from './contract.ts';
import type { Overrides } from './overrides.ts';
import { liveValues } from './overrides.ts';
import type { Verdict } from './usable.ts';
import { isDraining, verdictOf } from './usable.ts';

export interface Standing {
  /** Pool, name and address: a server that moved to another address is another server. */
  readonly key: string;
  readonly pool: EffectivePool;
  readonly server: EffectiveServer;
  readonly admin: AdminState;
  readonly weight: number;
  readonly draining: boolean;
  readonly health: Health;
  readonly verdict: Verdict;
}

/** @param healthOf the checks' verdict by key; asked only for servers that are checked */
export function standings(
  config: EffectiveConfig,
  overrides: Overrides,
  healthOf: (key: string) => Health,
): Standing[] {
  return config.pools.flatMap((pool) =>
    pool.realServers.map((server): Standing => {
      const key = `${pool.name}/${server.name}@${server.address}`;
      const { admin, weight } = liveValues(overrides, pool.name, server);
      const health = healthIn(pool, admin, () => healthOf(key));
      const verdict = verdictOf(admin, weight, health);
      return { key, pool, server, admin, weight, draining: isDraining(admin, weight), health, verdict };
    }),
  );
}

function healthIn(pool: EffectivePool, admin: AdminState, checked: () => Health): Health {
  if (admin === 'maint') return 'unknown';
  return pool.healthChecks.length === 0 ? 'up' : checked();
}

/** Whom the health checks ask: everybody but servers in maintenance. */
export function watchList(all: readonly Standing[]): Watched[] {
  return all
    .filter((s) => s.verdict.checked)
    .map((s) => ({ key: s.key, address: s.server.address, checks: s.pool.healthChecks }));
}

/** How many servers of this pool can get new connections, of how many. */
export function usableOf(all: readonly Standing[], pool: string): { usable: number; servers: number } {
  const own = all.filter((s) => s.pool.name === pool);
  return { usable: own.filter((s) => s.verdict.selectable).length, servers: own.length };
}

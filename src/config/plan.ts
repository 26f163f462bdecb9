/**
 * The difference between two configs, for people: what is added, changed and removed, and which open connections that
 * ends. Order has no meaning in a config, so a new order alone is no difference.
 */
import { formatDuration } from '../model/duration.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import { formatListen } from '../model/listen.ts';
import type { PlanStep } from '../state/contract.ts';
import { planPools } from './plan-pools.ts';
import { planTopology } from './plan-topology.ts';
import { planServices } from './plan-services.ts';
import { changed } from './plan-step.ts';

/** Empty exactly when both mean the same. */
export function planConfig(prev: EffectiveConfig, next: EffectiveConfig): PlanStep[] {
  const restart = { applies: 'restart' } as const;
  return [
    ...changed('dataPlane', prev.dataPlane, next.dataPlane, restart),
    ...changed('admin / listen', formatListen(prev.admin), formatListen(next.admin), restart),
    ...changed(
      'shutdownTimeout',
      formatDuration(prev.shutdownTimeoutMs),
      formatDuration(next.shutdownTimeoutMs),
    ),
    ...planTopology(prev.topology, next.topology),
    ...planPools(prev.pools, next.pools),
    ...planServices(prev.services, next.services),
  ];
}

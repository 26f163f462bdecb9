/** The table of all profiles. */
import { genericTcp } from './generic-tcp.ts';
import { ocs2007R2EnterprisePool } from './ocs-2007-r2-enterprise-pool.ts';
import type { Profile } from './profile.ts';

export const PROFILES: readonly Profile[] = [ocs2007R2EnterprisePool, genericTcp];

export function findProfile(name: string): Profile | null {
  return PROFILES.find((p) => p.name === name) ?? null;
}

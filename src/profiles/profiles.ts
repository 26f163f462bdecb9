/** The table of all profiles. */
import { GENERIC } from './generic.ts';
import { lync2010FrontEnd } from './lync-2010-front-end.ts';
import { LYNC_AND_SFB } from './lync-and-sfb/profiles.ts';
import { ocs2007R2Cwa } from './ocs-2007-r2/cwa.ts';
import { ocs2007R2Director } from './ocs-2007-r2/director.ts';
import { OCS_2007_R2_EDGE } from './ocs-2007-r2/edge.ts';
import { ocs2007R2EnterprisePool } from './ocs-2007-r2/enterprise-pool.ts';
import { officeWebApps } from './office-web-apps.ts';
import type { Profile } from './profile.ts';

export const PROFILES: readonly Profile[] = [
  ocs2007R2EnterprisePool,
  ocs2007R2Director,
  ocs2007R2Cwa,
  ...OCS_2007_R2_EDGE,
  lync2010FrontEnd,
  ...LYNC_AND_SFB,
  officeWebApps,
  ...GENERIC,
];

const BY_NAME: ReadonlyMap<string, Profile> = new Map(PROFILES.map((p) => [p.name, p]));

export function findProfile(name: string): Profile | null {
  return BY_NAME.get(name) ?? null;
}

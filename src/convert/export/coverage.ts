/**
 * What each key of the config becomes in each format. The comments in exported files, the report of `poolgate export`
 * and docs/reference/export.md all say what stands here.
 */
import { APPLIANCE } from './coverage/appliance.ts';
import { CHECKS } from './coverage/checks.ts';
import { POOLS } from './coverage/pools.ts';
import { SERVICES } from './coverage/services.ts';

export { ALWAYS } from './coverage/always.ts';
export type { Cell, Row } from './coverage/cell.ts';

/** As the reference page shows them. */
export const CHAPTERS = [
  { title: 'Virtual services', rows: SERVICES },
  { title: 'Pools and their servers', rows: POOLS },
  { title: 'Health checks', rows: CHECKS },
  { title: 'The machine', rows: APPLIANCE },
] as const;

export const COVERAGE = { ...SERVICES, ...POOLS, ...CHECKS, ...APPLIANCE };

export type Aspect = keyof typeof COVERAGE;

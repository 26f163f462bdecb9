/** The schedulers by their IPVS names, with the names that people read. */
export const SCHEDULERS = {
  rr: 'round robin',
  wrr: 'weighted round robin',
  lc: 'least connections',
  wlc: 'weighted least connections',
} as const;

export type SchedulerName = keyof typeof SCHEDULERS;

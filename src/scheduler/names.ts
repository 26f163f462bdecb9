/** The schedulers by their IPVS names, with the names that people read. */
export const SCHEDULERS = {
  rr: 'round robin',
  wrr: 'weighted round robin',
  lc: 'least connections',
  wlc: 'weighted least connections',
  sh: 'source hash',
  mh: 'Maglev hash',
} as const;

export type SchedulerName = keyof typeof SCHEDULERS;

/** These choose by the client's address, and so need to be told it. */
export const HASHING: ReadonlySet<SchedulerName> = new Set(['sh', 'mh']);

/** The config that is to be written, with the lines that each part came from. */
import type { SchedulerName } from '../../scheduler/names.ts';
import type { At, DraftCheck, DraftFallback, DraftLimits, DraftPersistence, DraftServer } from './draft.ts';

/** Ports `first`…`last` of the VIP lead to `serverFirst`… of the servers. */
export interface PlannedPort {
  readonly protocol: 'tcp' | 'udp';
  readonly first: number;
  readonly last: number;
  readonly serverFirst: number;
  readonly line: number;
}

export interface PlannedPool {
  name: string;
  readonly label: string;
  readonly lines: number[];
  readonly servers: DraftServer[];
  readonly checks: DraftCheck[];
  readonly fallback: At<DraftFallback> | null;
  readonly onDown: At<'reset' | 'keep'> | null;
}

export interface PlannedService {
  name: string;
  readonly lines: number[];
  /** Null: the administrator has to say. */
  readonly vip: string | null;
  readonly pool: PlannedPool;
  readonly ports: PlannedPort[];
  readonly scheduler: At<SchedulerName>;
  readonly persistence: At<DraftPersistence> | null;
  readonly idleMs: At<number> | null;
  readonly connectMs: At<number> | null;
  readonly udpIdleMs: At<number> | null;
  maxConnections: At<number> | null;
  readonly snatPool: At<readonly string[]> | null;
  readonly snatPorts: string | null;
  readonly nat: At<'none'> | null;
  readonly limits: At<DraftLimits> | null;
}

export interface Plan {
  readonly pools: readonly PlannedPool[];
  readonly services: readonly PlannedService[];
  readonly redispatch: At<boolean> | null;
  readonly interface: At<string> | null;
}

/** A `virtual_server` while it is read. */
import type { SchedulerName } from '../../../scheduler/names.ts';
import type { At, DraftCheck, DraftPort } from '../draft.ts';
import type { Kind, Place, Report } from '../report.ts';

export interface VirtualServer {
  readonly label: string;
  name: string;
  readonly line: number;
  protocol: 'tcp' | 'udp';
  ports: DraftPort[];
  scheduler: At<SchedulerName> | null;
  forwarding: At<'NAT' | 'DR' | 'TUN'> | null;
  persistenceMs: At<number> | null;
  readonly pace: Pace;
  readonly servers: RealServer[];
  sorry: RealServer | null;
  /** Of SCTP, or otherwise nothing that can be served. */
  unusable: boolean;
}

export interface RealServer {
  name: string;
  readonly address: string;
  readonly port: number | null;
  readonly line: number;
  weight: number | undefined;
  maxConnections: number;
  /** Stays in the table at weight 0 when it is down. */
  inhibit: boolean;
  readonly pace: Pace;
  readonly checks: DraftCheck[];
}

/** How often and how patiently servers are asked; each level says it for those below. */
export interface Pace {
  intervalMs?: number | undefined;
  timeoutMs?: number | undefined;
  retries?: number | undefined;
}

export interface Context {
  readonly place: Place;
  readonly report: Report;
}

export function tell(context: Context, kind: Kind, message: string, hint = '', rule = ''): void {
  context.report.add(kind, context.place, message, { hint, rule });
}

/** A word of keepalived's and what becomes of it. */
export interface Row<T> {
  readonly kind: Kind;
  readonly becomes: string;
  readonly read?: (into: T, args: readonly string[], context: Context) => void;
}

/** Seconds, with a fraction where the version allows it, in milliseconds; null when it is none. */
export function seconds(text: string | undefined): number | null {
  return /^\d{1,8}(?:\.\d{1,6})?$/.test(text ?? '') ? Math.round(Number(text) * 1000) : null;
}

export function count(text: string | undefined, most: number): number | null {
  const value = /^\d{1,10}$/.test(text ?? '') ? Number(text) : null;
  return value !== null && value <= most ? value : null;
}

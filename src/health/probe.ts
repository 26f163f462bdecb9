/** One health check's single run, and the table of the kinds there are. */
import type { Clock } from '../lib/clock.ts';
import type { HealthCheck } from '../model/effective.ts';
import type { CheckResult } from '../state/contract.ts';
import { probeTcp } from './tcp.ts';

export interface ProbeTarget {
  /** IPv4 or IPv6 literal. */
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
}

export interface ProbeOutcome {
  readonly result: Exclude<CheckResult, 'INI'>;
  /**
   * What it says about the server: `true` good, `false` bad, `null` nothing, because this machine could not ask (no
   * descriptor or port left). Were that counted, one shortage here would take every server down at once.
   */
  readonly good: boolean | null;
  /** The system's words for what went wrong; empty when good. */
  readonly text: string;
  readonly durationMs: number;
}

/**
 * Settles within `timeoutMs`, never rejects. An abort ends it at once with an outcome that nobody should count.
 */
export type Probe = (target: ProbeTarget, clock: Clock, signal: AbortSignal) => Promise<ProbeOutcome>;

export const PROBES = {
  tcp: probeTcp,
} satisfies Record<HealthCheck['type'], Probe>;

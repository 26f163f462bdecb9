/** One health check's single run, and the table of the kinds there are. */
import type { Clock } from '../lib/clock.ts';
import type { HealthCheck } from '../model/effective.ts';
import type { CheckResult } from '../state/contract.ts';
import { probeHttp } from './http.ts';
import { probeSip } from './sip.ts';
import { probeStun } from './stun.ts';
import { probeTcp } from './tcp.ts';
import { probeTls } from './tls.ts';

/** Whom to ask, and what: a check's own wishes, whichever it has. */
export interface ProbeTarget extends Pick<HealthCheck, 'port' | 'timeoutMs' | 'tls' | 'http' | 'sip'> {
  /** IPv4 or IPv6 literal. */
  readonly address: string;
}

export interface ProbeOutcome {
  readonly result: Exclude<CheckResult, 'INI'>;
  /**
   * What it says about the server: `true` good, `false` bad, `null` nothing, because this machine could not ask (no
   * descriptor or port left). Were that counted, one shortage here would take every server down at once.
   */
  readonly good: boolean | null;
  /** The system's or the server's words, one short line; empty where there is nothing to say. */
  readonly text: string;
  readonly durationMs: number;
}

/**
 * Settles within `timeoutMs`, never rejects. An abort ends it at once with an outcome that nobody should count.
 */
export type Probe = (target: ProbeTarget, clock: Clock, signal: AbortSignal) => Promise<ProbeOutcome>;

export const PROBES = {
  tcp: probeTcp,
  tls: probeTls,
  http: probeHttp,
  https: probeHttp,
  sip: probeSip,
  stun: probeStun,
} satisfies Record<HealthCheck['type'], Probe>;

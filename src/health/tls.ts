import type { Clock } from '../lib/clock.ts';
import { NO_TLS_WISHES } from '../model/effective.ts';
import type { ProbeOutcome, ProbeTarget } from './probe.ts';
import { converse } from './stream.ts';
import { bad, good } from './verdict.ts';

/** Shakes hands and closes. L6OK proves that the server ends TLS on this port, and shows the certificate wished for. */
export function probeTls(target: ProbeTarget, clock: Clock, signal: AbortSignal): Promise<ProbeOutcome> {
  return converse(
    target,
    {
      tls: target.tls ?? NO_TLS_WISHES,
      opened: () => good('L6OK'),
      heard: () => null,
      ended: () => bad('L6RSP', 'TLS handshake failed: connection closed'),
      late: () => bad('L6TOUT', 'TLS handshake timed out'),
    },
    clock,
    signal,
  );
}

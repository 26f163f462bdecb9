import type { Clock } from '../lib/clock.ts';
import type { ProbeOutcome, ProbeTarget } from './probe.ts';
import { converse } from './stream.ts';
import { bad, good } from './verdict.ts';
import { TIMED_OUT } from './words.ts';

/** Connects and closes. L4OK proves that the server's system accepts connections on this port. */
export function probeTcp(target: ProbeTarget, clock: Clock, signal: AbortSignal): Promise<ProbeOutcome> {
  return converse(
    target,
    {
      tls: null,
      opened: () => good('L4OK'),
      heard: () => null,
      ended: () => bad('L4CON', 'Connection closed'),
      late: () => bad('L4TOUT', TIMED_OUT),
    },
    clock,
    signal,
  );
}

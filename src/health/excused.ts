import type { Probe } from './probe.ts';

/**
 * A probe that timed out says nothing about its server while it is this machine that loses packets: then it could not ask.
 * @param excuse why this machine loses packets now; null: it does not
 */
export function excused(probe: Probe, excuse: () => string | null): Probe {
  return async (target, clock, signal) => {
    const outcome = await probe(target, clock, signal);
    const reason = outcome.result.endsWith('TOUT') ? excuse() : null;
    return reason === null ? outcome : { ...outcome, result: 'SOCKERR', good: null, text: reason };
  };
}

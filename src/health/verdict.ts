/** What a probe found, before it is known how long it took. */
import type { ProbeOutcome } from './probe.ts';

export type Verdict = Omit<ProbeOutcome, 'durationMs'>;

type Result = ProbeOutcome['result'];

export function good(result: Result, text = ''): Verdict {
  return { result, good: true, text };
}

export function bad(result: Result, text: string): Verdict {
  return { result, good: false, text };
}

/** This machine could not ask; says nothing about the server. */
export function notAsked(text: string): Verdict {
  return { result: 'SOCKERR', good: null, text };
}

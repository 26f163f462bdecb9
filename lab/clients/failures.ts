/** Which lost connections a server's failure explains. */
import type { Failure } from './load.ts';

/** A verdict is seen so many milliseconds late at most. */
const SLACK_MS = 300;

/**
 * Whether this connection was lost with `server`: it had its greeting, or it stood at the verdict without one (it was
 * just being made, or its greeting lay unread and a reset throws away what is unread). A busy client learns of a reset
 * late, so the second kind is known by its life, which spans the verdict, and not by the moment of its end. That healthy
 * servers were reset nowhere is for the servers to say: `resetsOfClients` of the stand-ins.
 */
export function metBy(failure: Failure, server: string, verdictAt: number): boolean {
  if (failure.server !== null) return failure.server === server;
  const startedAt = failure.at - failure.ageMs;
  const spans = startedAt <= verdictAt && verdictAt - SLACK_MS <= failure.at;
  return failure.error === 'ECONNRESET' && spans;
}

/**
 * Whether this connection stood in the queue of a server's listener when that was closed: the server's kernel ends
 * what its program has not accepted, so it has no greeting and ends at that moment.
 */
export function queuedAt(failure: Failure, closedAt: number): boolean {
  return failure.server === null && Math.abs(failure.at - closedAt) < SLACK_MS;
}

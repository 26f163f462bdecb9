/** Which lost connections a server's failure explains. */
import type { Failure } from './load.ts';

/** A verdict is seen so many milliseconds late at most, and a connection is made and greeted within this time. */
const SLACK_MS = 300;

/**
 * Whether this connection was lost with `server`: it had its greeting, or it was just being made when the verdict came
 * and was reset before it could learn the server's name.
 */
export function metBy(failure: Failure, server: string, verdictAt: number): boolean {
  if (failure.server === server) return true;
  return (
    failure.server === null && failure.error === 'ECONNRESET' && Math.abs(failure.at - verdictAt) < SLACK_MS
  );
}

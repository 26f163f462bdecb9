/** Why a choice of a server came to nothing; in place of the server's number, which is never negative. */
import type { PortCounter } from './common-state.ts';
import type { WorkerState } from './worker-state.ts';

/** No server is usable, and there is no fallback. */
export const NO_SERVER = -1;
/** Every usable server holds as many connections as it may, and there is no fallback. */
export const AT_SERVER_LIMITS = -2;
/** The virtual service holds as many connections as it may. */
export const AT_SERVICE_LIMIT = -3;
/** The client holds as many connections as one source may, or the table of sources is full of others that hold some. */
export const AT_SOURCE_LIMIT = -4;
/** The client opens connections faster than one source may. */
export const AT_SOURCE_RATE = -5;

const COUNTERS: readonly (PortCounter | null)[] = [
  null,
  null,
  'atServerLimits',
  'atServiceLimit',
  'atSourceLimit',
  'atSourceRate',
];

/** Counts a refusal of a connection or flow of a port; beside `refused`, which the caller counts whatever the reason. */
export function countRefusal(w: WorkerState, port: number, refusal: number): void {
  const counter = COUNTERS[-refusal];
  if (counter) w.portCounters[counter][port]! += 1;
}

import type { Act } from './act.ts';
import { evenLoad } from './even-load.ts';
import { inTurn } from './in-turn.ts';
import { serverDrained } from './server-drained.ts';
import { serverFails } from './server-fails.ts';
import { serverReturns } from './server-returns.ts';

/** In the order in which they build upon each other. */
export const ACTS: readonly Act[] = [inTurn, evenLoad, serverFails, serverReturns, serverDrained];

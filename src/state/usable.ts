/** Administrative state × health in one table: who may get new connections, and who is asked for its health. */
import type { AdminState } from '../model/effective.ts';
import type { Health } from './contract.ts';

export interface Verdict {
  /** New connections may go there. */
  readonly selectable: boolean;
  /** Health checks run. */
  readonly checked: boolean;
  /** Why it is not selectable, in the words of `poolgate servers`; empty when it is. */
  readonly reason: string;
}

const UNKNOWN = 'not checked yet';
const DOWN = 'down';
const DRAIN = 'drain';
const MAINT = 'maintenance';

export const USABLE = {
  ready: {
    unknown: { selectable: false, checked: true, reason: UNKNOWN },
    up: { selectable: true, checked: true, reason: '' },
    down: { selectable: false, checked: true, reason: DOWN },
  },
  drain: {
    unknown: { selectable: false, checked: true, reason: DRAIN },
    up: { selectable: false, checked: true, reason: DRAIN },
    down: { selectable: false, checked: true, reason: `${DRAIN}, ${DOWN}` },
  },
  maint: {
    unknown: { selectable: false, checked: false, reason: MAINT },
    up: { selectable: false, checked: false, reason: MAINT },
    down: { selectable: false, checked: false, reason: MAINT },
  },
} as const satisfies Record<AdminState, Record<Health, Verdict>>;

/** Weight 0 means drain, whatever else is said; maintenance is stronger. */
export function isDraining(admin: AdminState, weight: number): boolean {
  return admin === 'drain' || (admin === 'ready' && weight === 0);
}

export function verdictOf(admin: AdminState, weight: number, health: Health): Verdict {
  const verdict: Verdict = USABLE[isDraining(admin, weight) ? 'drain' : admin][health];
  if (admin !== 'ready' || weight > 0) return verdict;
  return { ...verdict, reason: verdict.reason.replace(DRAIN, 'weight 0') };
}

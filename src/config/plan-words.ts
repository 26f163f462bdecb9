/** A plan in so few words that it fits a row of a table. Pure. */
import type { PlanStep } from '../state/contract.ts';

/** Steps that are told before it is only how many more there are. */
const TOLD = 2;
/** Characters of one value; the plan itself has them whole. */
const LONGEST_VALUE = 40;

/** e.g. `pool ocspool / server fe01 / weight: 1 → 5; removed virtual service web; and 3 more`. */
export function planWords(steps: readonly PlanStep[]): string {
  if (steps.length === 0) return 'comments or layout only';
  const told = steps.slice(0, TOLD).map(stepWords);
  const more = steps.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function stepWords({ action, what, from, to }: PlanStep): string {
  if (action === 'change') return `${what}: ${short(from)} → ${short(to)}`;
  return `${action === 'add' ? 'added' : 'removed'} ${what}`;
}

function short(value: string | null): string {
  const text = value ?? 'none';
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}

/** The difference between two configs as people read one: `+` new, `~` other, `-` gone, and what it cuts. */
import type { PlanStep } from '../state/contract.ts';
import { type Colour, paint, plural, printable } from './text.ts';

const SIGNS: Record<PlanStep['action'], readonly [string, Colour]> = {
  add: ['+', 'green'],
  change: ['~', 'yellow'],
  remove: ['-', 'red'],
};

export function planText(steps: readonly PlanStep[], colour: boolean): string {
  return steps.map((step) => `${stepLine(step, colour)}\n`).join('');
}

/** `3 changes: 1 added, 1 changed, 1 removed`, and what of it is not harmless. */
export function planSummary(steps: readonly PlanStep[]): string {
  const count = (action: PlanStep['action']) => steps.filter((step) => step.action === action).length;
  const parts = [`${count('add')} added`, `${count('change')} changed`, `${count('remove')} removed`];
  const cutting = steps.filter((step) => step.cuts !== null).length;
  const cuts =
    cutting === 0
      ? 'no open connection is cut'
      : `${plural(cutting, 'change')} ${cutting === 1 ? 'cuts' : 'cut'} open connections`;
  return `${plural(steps.length, 'change')}: ${parts.join(', ')}; ${cuts}.`;
}

function stepLine(step: PlanStep, colour: boolean): string {
  const [sign, hue] = SIGNS[step.action];
  const text = `${sign} ${printable(step.what)}${values(step)}`;
  const restart = step.applies === 'restart' ? paint('   needs a restart', 'yellow', colour) : '';
  const cuts = step.cuts === null ? '' : paint(`   cuts ${printable(step.cuts)}`, 'red', colour);
  return paint(text, hue, colour) + restart + cuts;
}

function values({ action, from, to }: PlanStep): string {
  if (action === 'change') return `: ${printable(from ?? 'none')} → ${printable(to ?? 'none')}`;
  const value = action === 'add' ? to : from;
  return value === null ? '' : `: ${printable(value)}`;
}

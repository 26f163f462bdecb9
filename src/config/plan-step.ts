/** The kinds of step that a plan is made of. */
import type { PlanStep } from '../state/contract.ts';

type Rest = Partial<Pick<PlanStep, 'applies' | 'cuts'>>;

/** Null on either side: the value was not there or is no longer; null on both, or the same: no step. */
export function changed(what: string, from: string | null, to: string | null, rest: Rest = {}): PlanStep[] {
  if (from === to) return [];
  const action = from === null ? 'add' : to === null ? 'remove' : 'change';
  return [{ action, what, from, to, applies: 'live', cuts: null, ...rest }];
}

export function added(what: string, to: string): PlanStep {
  return { action: 'add', what, from: null, to, applies: 'live', cuts: null };
}

/** @param cuts which connections it ends, in words */
export function removed(what: string, from: string, cuts: string | null): PlanStep {
  return { action: 'remove', what, from, to: null, applies: 'live', cuts };
}

export interface Pairs<T> {
  readonly added: readonly T[];
  readonly kept: readonly { readonly prev: T; readonly next: T }[];
  readonly removed: readonly T[];
}

/** Which items stay, by what identifies them. */
export function pairUp<T>(
  prev: readonly T[],
  next: readonly T[],
  key: (item: T) => string | number,
): Pairs<T> {
  const before = new Map(prev.map((item) => [key(item), item]));
  const after = new Set(next.map(key));
  return {
    added: next.filter((item) => !before.has(key(item))),
    kept: next.flatMap((item) => {
      const old = before.get(key(item));
      return old === undefined ? [] : [{ prev: old, next: item }];
    }),
    removed: prev.filter((item) => !after.has(key(item))),
  };
}

/** A limit of connections; 0 is none. */
export function limitText(limit: number): string {
  return limit === 0 ? 'no limit' : `${limit}`;
}

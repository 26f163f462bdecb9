import type { Health } from '../state/contract.ts';

export interface Standing {
  readonly verdict: Health;
  /** Consecutive results against the verdict. */
  readonly against: number;
}

export const UNKNOWN: Standing = { verdict: 'unknown', against: 0 };

/**
 * The standing after one more result. The first result decides; after that it takes `fall` bad ones in a row to go
 * down and `rise` good ones in a row to come back, and one result that agrees with the verdict starts the count anew.
 */
export function afterResult(
  standing: Standing,
  good: boolean,
  limits: { readonly rise: number; readonly fall: number },
): Standing {
  const points = good ? 'up' : 'down';
  if (standing.verdict === 'unknown' || standing.verdict === points) return { verdict: points, against: 0 };
  const against = standing.against + 1;
  const needed = good ? limits.rise : limits.fall;
  return against >= needed ? { verdict: points, against: 0 } : { verdict: standing.verdict, against };
}

/**
 * A server is up when all its checks are and down when one is. While some have no result yet and none is down, it
 * stays what it was: a check added to a running server must not take it out before anything was seen to fail.
 */
export function serverHealth(before: Health, checks: readonly Health[]): Health {
  if (checks.includes('down')) return 'down';
  return checks.includes('unknown') ? before : 'up';
}

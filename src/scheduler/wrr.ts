import type { ServerSet } from './scheduler.ts';

/**
 * Weighted round robin, smooth: every choice raises each server by its weight, takes the highest and lowers it by the
 * sum. Over any run of (sum of weights) choices each server is chosen exactly as often as its weight, and well mixed.
 */
export function weightedRoundRobin(set: ServerSet, excluded: number): number {
  const { count, cursor, selectable, weight, current } = set;
  let best = -1;
  let sum = 0;
  for (let step = 0; step < count; step++) {
    const at = (cursor + step) % count;
    if (selectable[at] !== 1 || at === excluded) continue;
    const w = weight[at] as number;
    const value = (current[at] as number) + w;
    current[at] = value;
    sum += w;
    if (best < 0 || value > (current[best] as number)) best = at;
  }
  if (best >= 0) current[best] = (current[best] as number) - sum;
  return best;
}

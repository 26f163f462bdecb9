import type { ServerSet } from './scheduler.ts';

/**
 * Weighted least connections: least active ÷ weight; ties rotate. Compared by cross multiplication, so that equal
 * costs are equal: 1/3 against 2/6 has no rounding. Both factors stay below 2^31 × 2^16, exact in a double.
 */
export function weightedLeastConnections(set: ServerSet, excluded: number): number {
  const { count, cursor, selectable, active, weight } = set;
  let best = -1;
  let bestActive = 0;
  let bestWeight = 1;
  for (let step = 0; step < count; step++) {
    const at = (cursor + step) % count;
    if (selectable[at] !== 1 || at === excluded) continue;
    const a = active[at] as number;
    const w = weight[at] as number;
    if (best < 0 || a * bestWeight < bestActive * w) {
      best = at;
      bestActive = a;
      bestWeight = w;
    }
  }
  return best;
}

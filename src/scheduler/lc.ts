import type { ServerSet } from './scheduler.ts';

/** Least connections: the fewest active ones, whatever the weight; ties rotate. */
export function leastConnections(set: ServerSet, excluded: number): number {
  const { count, cursor, selectable, active } = set;
  let best = -1;
  let least = 0;
  for (let step = 0; step < count; step++) {
    const at = (cursor + step) % count;
    if (selectable[at] !== 1 || at === excluded) continue;
    const held = active[at] as number;
    if (best < 0 || held < least) {
      best = at;
      least = held;
    }
  }
  return best;
}

import type { ServerSet } from './scheduler.ts';

/** Round robin: the next selectable server after the last one, whatever its weight. */
export function roundRobin(set: ServerSet, excluded: number): number {
  const { count, cursor, selectable } = set;
  for (let step = 0; step < count; step++) {
    const at = (cursor + step) % count;
    if (selectable[at] === 1 && at !== excluded) return at;
  }
  return -1;
}

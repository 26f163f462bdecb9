import { MAGLEV_SIZE } from './maglev.ts';
import type { ServerSet } from './scheduler.ts';
import { sourceHash } from './sh.ts';

/**
 * Maglev hash, weighted: one look into a table made beforehand (maglev.ts) of all servers of the pool, usable or not, so
 * that a server that goes down and comes back moves no client of another. A client whose server cannot be had
 * meanwhile gets the one that the source hash gives it among the rest.
 */
export function maglevHash(set: ServerSet, excluded: number): number {
  const { maglev, client, selectable } = set;
  const at = maglev.length === 0 ? -1 : (maglev[client % MAGLEV_SIZE] as number);
  if (at >= 0 && at < set.count && selectable[at] === 1 && at !== excluded) return at;
  return sourceHash(set, excluded);
}

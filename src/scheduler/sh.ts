import { mix } from './identity.ts';
import type { ServerSet } from './scheduler.ts';

/**
 * Source hash, weighted: the same client gets the same server while that one can be had. Every server draws a number
 * for this client, from the hashes of both addresses, as if it waited for an event that comes at the rate of its
 * weight; the shortest wait wins (weighted rendezvous hashing). A server that leaves so gives its own clients, and no
 * others, to the rest in proportion to their weights: the next one for a client is the next shortest wait.
 */
export function sourceHash(set: ServerSet, excluded: number): number {
  const { count, selectable, weight, identity, client } = set;
  let best = -1;
  let shortest = 0;
  for (let at = 0; at < count; at++) {
    if (selectable[at] !== 1 || at === excluded) continue;
    // Between 0 and 1, neither included.
    const uniform = (mix(client, identity[at] as number) + 0.5) / 2 ** 32;
    const wait = -Math.log(uniform) / (weight[at] as number);
    if (best < 0 || wait < shortest) {
      best = at;
      shortest = wait;
    }
  }
  return best;
}

/** Tells in time when conntrack's one table fills, which all connections of the machine share, ours or not. */
import type { Clock } from '../../../lib/clock.ts';
import { type Periodic, periodically } from '../../../lib/periodically.ts';
import { nearlyFull, type Sysctls, sysctls, trackedConnections } from './limits.ts';

const LOOK_EVERY_MS = 5000;
/** Where it is said to have room again: less than where it was said to fill, or a level in between would be told for ever. */
const ROOM = 0.7;

/** @param tell a sentence */
export function watchRoom(clock: Clock, tell: (message: string) => void, from: Sysctls = sysctls): Periodic {
  let low = false;
  return periodically(clock, LOOK_EVERY_MS, async () => {
    const { count, max } = trackedConnections(from);
    if (!low && nearlyFull({ count, max })) {
      low = true;
      tell(
        `The kernel tracks ${count} of at most ${max} connections; when its table is full, new UDP flows are dropped, connections of other programs, and those that a firewall of this machine is to see: raise net.netfilter.nf_conntrack_max.`,
      );
    } else if (low && count < ROOM * max) {
      low = false;
      tell(`The kernel's table of connections has room again: ${count} of ${max}.`);
    }
  });
}

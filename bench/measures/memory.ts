import { setTimeout as delay } from 'node:timers/promises';
import { destination } from '../addresses.ts';
import { load, whileHeld } from '../load.ts';
import { residentBytes } from '../processes.ts';
import type { Measure } from './measure.ts';

const SETTLE_MS = 500;
const WARM_CONNECTIONS = 256;

/** Memory of the balancer's processes for connections that are open and idle. */
export const memory: Measure = {
  method:
    `The balancer is started anew, warmed by half a second of connections and ${WARM_CONNECTIONS} held ones, and its ` +
    'resident memory (PSS of all its processes) is read; then connections are opened, used once and held, and it is read ' +
    'again. The difference by their number is the memory of one. All held connections must still answer afterwards. ' +
    "The kernel's own memory (sockets, pipes) is not in it.",
  fresh: true,
  async run(peer, options) {
    if (peer.pids().length === 0) return {};
    const to = destination(peer.addresses, 'small');
    const base = residentBytes(peer.pids());
    await load('connect', to, { connections: options.connections, seconds: 0.5 });
    await whileHeld(to, WARM_CONNECTIONS, async () => {});
    await delay(SETTLE_MS);
    const before = residentBytes(peer.pids());
    const during = await whileHeld(to, options.held, async () => {
      await delay(SETTLE_MS);
      return residentBytes(peer.pids());
    });
    return { heldMemory: (during - before) / options.held / 1024, baseMemory: base / 1048576 };
  },
};

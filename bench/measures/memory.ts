import { setTimeout as delay } from 'node:timers/promises';
import { destination } from '../addresses.ts';
import { load, whileHeld } from '../load.ts';
import { residentBytes } from '../processes.ts';
import { kernelBytes } from '../whole-machine.ts';
import type { Measure } from './measure.ts';

const SETTLE_MS = 500;
const WARM_CONNECTIONS = 256;

/** Memory that connections take which are open and idle: of the balancer's processes, and of the kernel. */
export const memory: Measure = {
  method:
    `The balancer is started anew, warmed by half a second of connections and ${WARM_CONNECTIONS} held ones, and its ` +
    'resident memory (PSS of all its processes) is read, and what the kernel uses for itself; then connections are opened, ' +
    'used once and held, and both are read again. The difference by their number is the memory of one. All held ' +
    'connections must still answer afterwards.',
  fresh: true,
  async run(peer, options) {
    const { site } = peer;
    const to = destination(peer.addresses, 'small');
    const base = residentBytes(peer.pids());
    await load(site, 'connect', to, { connections: options.connections, seconds: 0.5 });
    await whileHeld(site, to, WARM_CONNECTIONS, async () => {});
    const look = async () => {
      await delay(SETTLE_MS);
      return { user: residentBytes(peer.pids()), kernel: kernelBytes() };
    };
    const before = await look();
    const during = await whileHeld(site, to, options.held, look);
    const each = (bytes: number) => bytes / options.held / 1024;
    return {
      heldKernelMemory: each(during.kernel - before.kernel),
      ...(peer.pids().length > 0
        ? { heldMemory: each(during.user - before.user), baseMemory: base / 1048576 }
        : {}),
    };
  },
};

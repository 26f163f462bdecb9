import { release } from './chooser.ts';
import { CLIENT, SERVER, type Side } from './connections.ts';
import { letGo } from './guard/holding.ts';
import { Memory, SO_LINGER, SOL_SOCKET, sys } from './libc.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Why a connection is over: `done` both ends have said all; `refused` no server took it; `clientReset` and
 * `serverReset` one end broke it off; `idleExpired`; `killed` by an operator, a verdict or a change.
 */
export type Ending = 'done' | 'refused' | 'clientReset' | 'serverReset' | 'idleExpired' | 'killed';

const LINGER_NOT = new Memory(8);
LINGER_NOT.int32[0] = 1;
LINGER_NOT.int32[1] = 0;

/**
 * Ends a connection: both descriptors closed, its counts given back. Unless it is `done`, both ends get a reset, so
 * that each knows that the other did not end in order.
 */
export function end(w: WorkerState, slot: number, how: Ending): void {
  const { table } = w;
  account(w, slot, how);
  if (how === 'done') {
    closeFd(w, slot, CLIENT);
    closeFd(w, slot, SERVER);
  } else {
    resetEnd(w, slot, CLIENT);
    resetEnd(w, slot, SERVER);
  }
  w.wheel.remove(slot);
  if (w.pending.size > 0) {
    w.pending.delete(slot * 2 + CLIENT);
    w.pending.delete(slot * 2 + SERVER);
  }
  table.retire(slot);
}

function account(w: WorkerState, slot: number, how: Ending): void {
  const server = w.table.server[slot] as number;
  const port = w.table.port[slot] as number;
  Atomics.sub(w.shared.open[w.index]!, 0, 1);
  w.portCounters.active[port]! -= 1;
  letGo(w, w.table.holds, slot, w.table.service[slot] as number);
  if (how === 'refused') w.portCounters.refused[port]! += 1;
  if (server < 0) return;
  release(w.shared, server);
  if (how === 'idleExpired') w.serverCounters.idleExpired[server]! += 1;
  else if (how === 'clientReset') w.serverCounters.clientResets[server]! += 1;
  else if (how === 'serverReset') w.serverCounters.serverResets[server]! += 1;
}

/** Closes one end in order; what was written to it is still delivered. */
export function closeFd(w: WorkerState, slot: number, side: Side): void {
  const at = slot * 2 + side;
  const fd = w.table.fd[at] as number;
  if (fd < 0) return;
  sys.close(fd);
  w.table.fd[at] = -1;
}

function resetEnd(w: WorkerState, slot: number, side: Side): void {
  const at = slot * 2 + side;
  const fd = w.table.fd[at] as number;
  if (fd < 0) return;
  resetFd(fd);
  w.table.fd[at] = -1;
}

/** Closes a descriptor so that its peer sees a reset (SO_LINGER with zero seconds, socket(7)). */
export function resetFd(fd: number): void {
  sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, LINGER_NOT.address, 8);
  sys.close(fd);
}

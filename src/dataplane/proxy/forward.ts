import {
  BLOCKED,
  CLIENT,
  ENDED,
  GONE,
  HUNG_UP,
  OPEN,
  QUEUED,
  READABLE,
  SERVER,
  type Side,
  URGENT,
} from './connections.ts';
import { end } from './ending.ts';
import {
  EAGAIN,
  EINTR,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  errno,
  MSG_NOSIGNAL,
  SHUT_WR,
  sys,
} from './libc.ts';
import { Pending } from './pending.ts';
import type { WorkerState } from './worker-state.ts';

/** The most bytes that are read at once, and so the most that a connection can hold each way. */
export const CHUNK = 65_536;
/** Chunks that one end may send before others get their turn. */
const CHUNKS_A_TURN = 4;

/**
 * The kernel has news of one end of an open connection: moves what can be moved. Sockets are watched edge-triggered
 * (epoll(7)): each event comes once, so what it said is kept in `ends` until a call has found the opposite.
 */
export function forward(w: WorkerState, slot: number, side: Side, events: number): void {
  const { ends, state } = w.table;
  const at = slot * 2 + side;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ends[at]! |= READABLE;
  if (events & EPOLLPRI) ends[at]! |= URGENT;
  if (events & EPOLLERR) ends[at]! |= GONE;
  else if (events & EPOLLRDHUP) ends[at]! |= HUNG_UP;
  pump(w, slot, side);
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR) && ends[at]! & BLOCKED && state[slot] === OPEN) {
    ends[at]! &= ~BLOCKED;
    pump(w, slot, otherSide(side));
  }
  // All that could still be read was; what is left is an end that is gone.
  if (events & EPOLLERR && state[slot] === OPEN) broken(w, slot, side);
}

/** Lets the ends go on whose turn was over. Called after each batch of events, before slots are used again. */
export function forwardUnfinished(w: WorkerState): void {
  const { ends, state } = w.table;
  for (const at of w.unfinished.splice(0)) {
    if (state[at >> 1] !== OPEN) continue;
    ends[at]! &= ~QUEUED;
    pump(w, at >> 1, at & 1 ? SERVER : CLIENT);
  }
}

/** Moves bytes from one side to the other until there are none, the other side is full, or the turn is over. */
function pump(w: WorkerState, slot: number, from: Side): void {
  const { fd, ends } = w.table;
  const at = slot * 2 + from;
  const to = slot * 2 + otherSide(from);
  if (ends[to]! & BLOCKED) return;
  if (w.pending.size > 0 && !flush(w, slot, from)) return;
  for (let turn = 0; turn < CHUNKS_A_TURN; turn++) {
    if ((ends[at]! & (READABLE | ENDED)) !== READABLE) return;
    const got = sys.recv(fd[at]!, w.buffer.address, CHUNK, 0);
    if (got <= 0) {
      if (got === 0) streamEnded(w, slot, from);
      else readFailed(w, slot, from, errno());
      return;
    }
    account(w, slot, from, got);
    const sent = sys.send(fd[to]!, w.buffer.address, got, MSG_NOSIGNAL);
    if (sent < got && !keep(w, slot, from, sent < 0 ? errno() : EAGAIN, Math.max(sent, 0), got)) return;
    if (ends[to]! & BLOCKED) return;
    // A short read has emptied the socket, and whatever comes later brings its own event; but a read also stops short
    // at urgent data, with more behind it (tcp(7)), and then only a read that finds nothing tells.
    if (got < CHUNK && !(ends[at]! & URGENT)) {
      ends[at]! &= ~READABLE;
      if (ends[at]! & HUNG_UP) streamEnded(w, slot, from);
      return;
    }
  }
  if (!(ends[at]! & QUEUED)) {
    ends[at]! |= QUEUED;
    w.unfinished.push(at);
  }
}

function account(w: WorkerState, slot: number, from: Side, bytes: number): void {
  const { table } = w;
  table.activeAt[slot] = w.now;
  table.bytes[slot * 2 + from]! += bytes;
  const column = from === CLIENT ? 'bytesIn' : 'bytesOut';
  w.serverCounters[column][table.server[slot]!]! += bytes;
  w.portCounters[column][table.port[slot]!]! += bytes;
}

/** The other side did not take all of the buffer: keeps the rest. @returns false when that side is gone for good */
function keep(w: WorkerState, slot: number, from: Side, error: number, start: number, stop: number): boolean {
  if (error !== EAGAIN) {
    writeFailed(w, slot, otherSide(from));
    return false;
  }
  w.table.ends[slot * 2 + otherSide(from)]! |= BLOCKED;
  w.pending.set(slot * 2 + from, new Pending(w.buffer.bytes.subarray(start, stop)));
  return true;
}

/** Writes what an earlier turn had to keep. @returns false when some is left or the connection is over */
function flush(w: WorkerState, slot: number, from: Side): boolean {
  const pending = w.pending.get(slot * 2 + from);
  if (!pending) return true;
  const to = slot * 2 + otherSide(from);
  const error = pending.writeTo(w.table.fd[to]!);
  // Progress, for the idle timeout: a reader that takes its time is not idle.
  if (pending.progressed()) w.table.activeAt[slot] = w.now;
  if (error === 0) {
    w.pending.delete(slot * 2 + from);
    return true;
  }
  if (error === EAGAIN) w.table.ends[to]! |= BLOCKED;
  else writeFailed(w, slot, otherSide(from));
  return false;
}

/**
 * One side has said all: the other is told so, and when both have the connection is over. After an error the kernel
 * reports it once, to whichever call comes first, and an end of stream from then on: that one is no orderly end.
 */
function streamEnded(w: WorkerState, slot: number, from: Side): void {
  const { fd, ends } = w.table;
  const at = slot * 2 + from;
  const to = slot * 2 + otherSide(from);
  if (ends[at]! & GONE) {
    broken(w, slot, from);
    return;
  }
  ends[at] = (ends[at]! & ~READABLE) | ENDED;
  if (ends[to]! & ENDED) end(w, slot, 'done');
  else sys.shutdown(fd[to]!, SHUT_WR);
}

function readFailed(w: WorkerState, slot: number, from: Side, error: number): void {
  if (error === EAGAIN) w.table.ends[slot * 2 + from]! &= ~READABLE;
  else if (error !== EINTR) broken(w, slot, from);
}

/** A write to a side failed: what it had sent before is passed on, then both are told. */
function writeFailed(w: WorkerState, slot: number, side: Side): void {
  const { ends, state } = w.table;
  const at = slot * 2 + side;
  if (!(ends[at]! & GONE)) {
    ends[at]! |= GONE | READABLE;
    pump(w, slot, side);
  }
  if (state[slot] === OPEN) broken(w, slot, side);
}

function broken(w: WorkerState, slot: number, side: Side): void {
  end(w, slot, side === CLIENT ? 'clientReset' : 'serverReset');
}

function otherSide(side: Side): Side {
  return side === CLIENT ? SERVER : CLIENT;
}

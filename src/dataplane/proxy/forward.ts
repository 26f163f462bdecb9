import { PLACE_SIZE, resultOf } from './batch.ts';
import {
  BATCHED,
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
/** What a connection may have been through and still go with the batch; all else is dealt with by itself. */
const ORDINARY = READABLE | ENDED | HUNG_UP | BATCHED;

/**
 * The kernel has news of one end of an open connection: moves what can be moved, now or with the batch. Sockets are
 * watched edge-triggered (epoll(7)): each event comes once, so what it said is kept in `ends` until a call has found the
 * opposite.
 */
export function forward(w: WorkerState, slot: number, side: Side, events: number): void {
  const { ends, state } = w.table;
  const at = slot * 2 + side;
  const to = slot * 2 + otherSide(side);
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ends[at]! |= READABLE;
  if (events & EPOLLPRI) ends[at]! |= URGENT;
  if (events & EPOLLERR) ends[at]! |= GONE;
  else if (events & EPOLLRDHUP) ends[at]! |= HUNG_UP;
  if (((ends[at]! | ends[to]!) & ~ORDINARY) === 0) {
    if ((ends[at]! & (READABLE | ENDED | BATCHED)) === READABLE) addToBatch(w, at);
    return;
  }
  // What is in the batch came before this event.
  if ((ends[at]! | ends[to]!) & BATCHED) forwardBatch(w);
  if (state[slot] !== OPEN) return;
  pump(w, slot, side);
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR) && ends[at]! & BLOCKED && state[slot] === OPEN) {
    ends[at]! &= ~BLOCKED;
    pump(w, slot, otherSide(side));
  }
  // All that could still be read was; what is left is an end that is gone.
  if (events & EPOLLERR && state[slot] === OPEN) broken(w, slot, side);
}

function addToBatch(w: WorkerState, at: number): void {
  const { fd, ends } = w.table;
  ends[at]! |= BATCHED;
  if (!w.batch.add(at, fd[at]!, fd[at ^ 1]!)) forwardBatch(w);
}

/** Does the batch. Called when it is full, and after each batch of events, before slots are used again. */
export function forwardBatch(w: WorkerState): void {
  const { batch, table } = w;
  const { ends, state } = table;
  for (let i = 0; i < batch.count; i++) {
    const at = batch.ends[i]!;
    ends[at]! &= ~BATCHED;
    if (state[at >> 1] !== OPEN) batch.drop(i);
  }
  batch.exchange();
  for (let i = 0; i < batch.count; i++) {
    const at = batch.ends[i]!;
    if (state[at >> 1] !== OPEN) continue;
    const side = at & 1 ? SERVER : CLIENT;
    const got = batch.got[i]!;
    const sent = batch.sent[i]!;
    if (got <= 0) nothingRead(w, at >> 1, side, got);
    else if (passedOn(w, at >> 1, side, got, sent, PLACE_SIZE)) pump(w, at >> 1, side);
    else if (sent < got) keep(w, at >> 1, side, sent, batch.unsent(i));
  }
  batch.count = 0;
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
    const got = resultOf(sys.recv(fd[at]!, w.buffer.address, CHUNK, 0));
    if (got <= 0) {
      nothingRead(w, slot, from, got);
      return;
    }
    const sent = resultOf(sys.send(fd[to]!, w.buffer.address, got, MSG_NOSIGNAL));
    if (!passedOn(w, slot, from, got, sent, CHUNK)) {
      if (sent < got) keep(w, slot, from, sent, w.buffer.bytes.subarray(Math.max(sent, 0), got));
      return;
    }
  }
  if (!(ends[at]! & QUEUED)) {
    ends[at]! |= QUEUED;
    w.unfinished.push(at);
  }
}

/**
 * Bytes were read and offered to the other end.
 * @param room how many could have been read
 * @returns true when there may be more to read at once
 */
function passedOn(
  w: WorkerState,
  slot: number,
  from: Side,
  got: number,
  sent: number,
  room: number,
): boolean {
  const { table } = w;
  const at = slot * 2 + from;
  table.activeAt[slot] = w.now;
  table.bytes[at]! += got;
  const column = from === CLIENT ? 'bytesIn' : 'bytesOut';
  w.serverCounters[column][table.server[slot]!]! += got;
  w.portCounters[column][table.port[slot]!]! += got;
  if (sent < got) return false;
  // A short read has emptied the socket, and whatever comes later brings its own event; but a read also stops short
  // at urgent data, with more behind it (tcp(7)), and then only a read that finds nothing tells.
  if (got === room || table.ends[at]! & URGENT) return true;
  table.ends[at]! &= ~READABLE;
  if (table.ends[at]! & HUNG_UP) streamEnded(w, slot, from);
  return false;
}

/** The other side did not take all: `rest` waits until it does, unless it is gone for good. */
function keep(w: WorkerState, slot: number, from: Side, sent: number, rest: Uint8Array): void {
  if (sent < 0 && sent !== -EAGAIN) {
    writeFailed(w, slot, otherSide(from));
    return;
  }
  w.table.ends[slot * 2 + otherSide(from)]! |= BLOCKED;
  w.pending.set(slot * 2 + from, new Pending(rest));
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

/** @param got 0 for the end of the stream, or the error as a negative number */
function nothingRead(w: WorkerState, slot: number, from: Side, got: number): void {
  if (got === 0) streamEnded(w, slot, from);
  else if (got === -EAGAIN) w.table.ends[slot * 2 + from]! &= ~READABLE;
  else if (got !== -EINTR) broken(w, slot, from);
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

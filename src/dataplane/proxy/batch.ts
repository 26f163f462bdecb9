import { errno, Memory, MSG_NOSIGNAL, sys } from './libc.ts';
import { NOT_DONE, Ring } from './ring.ts';

/** Ends that are read in one go, and the most bytes that are read from each. */
const PLACES = 32;
export const PLACE_SIZE = 16_384;
/** Buffers that lie a power of two apart would compete for the same lines of the processor's cache. */
const STRIDE = PLACE_SIZE + 5 * 64;
/** With fewer calls than this, plain ones are as fast as a ring. */
const WORTH_A_RING = 3;

/**
 * The ends that the kernel has said have something to read. They are read all together, and then what was read is
 * written all together. That is faster than one end after the other, the more so where an io_uring does each of the
 * two steps in one entry of the kernel, and it is fairer on a busy machine: the peers wake up when their worker is about
 * to sleep, and not in the midst of its work (docs/decisions/0003).
 */
export class Batch {
  /** How many ends are in it, and by place: which end (slot × 2 + side), and the descriptors of it and of its other end. */
  count = 0;
  readonly ends = new Int32Array(PLACES);
  private readonly from = new Int32Array(PLACES);
  private readonly to = new Int32Array(PLACES);
  /** By place: the bytes read and the bytes then written; or the error, as a negative number. */
  readonly got = new Int32Array(PLACES);
  readonly sent = new Int32Array(PLACES);
  private readonly memory = new Memory(PLACES * STRIDE);
  private readonly ring: Ring | null;

  constructor(ioUring: boolean) {
    this.ring = ioUring ? Ring.open(PLACES) : null;
  }

  close(): void {
    this.ring?.close();
  }

  /** @returns false when that was the last place */
  add(end: number, from: number, to: number): boolean {
    const place = this.count++;
    this.ends[place] = end;
    this.from[place] = from;
    this.to[place] = to;
    return this.count < PLACES;
  }

  /** The end in this place is over: its descriptors may be somebody else's by now. */
  drop(place: number): void {
    this.from[place] = -1;
  }

  /** The bytes of a place that its other end did not take. They are overwritten by the next batch. */
  unsent(place: number): Uint8Array {
    const start = place * STRIDE;
    return this.memory.bytes.subarray(start + Math.max(this.sent[place]!, 0), start + this.got[place]!);
  }

  /** Reads from every end, then writes what came to its other end. Nothing here blocks. */
  exchange(): void {
    const { count, got, sent, from, to, ring } = this;
    const together = ring !== null && count >= WORTH_A_RING;
    got.fill(NOT_DONE, 0, count);
    sent.fill(NOT_DONE, 0, count);
    if (together) {
      for (let i = 0; i < count; i++) {
        if (from[i]! >= 0) ring.recv(i, from[i]!, this.address(i), PLACE_SIZE);
      }
      ring.run(got);
    }
    for (let i = 0; i < count; i++) {
      if (got[i] === NOT_DONE && from[i]! >= 0) {
        got[i] = resultOf(sys.recv(from[i]!, this.address(i), PLACE_SIZE, 0));
      }
    }
    if (together) {
      for (let i = 0; i < count; i++) if (got[i]! > 0) ring.send(i, to[i]!, this.address(i), got[i]!);
      ring.run(sent);
    }
    for (let i = 0; i < count; i++) {
      if (sent[i] === NOT_DONE && got[i]! > 0) {
        sent[i] = resultOf(sys.send(to[i]!, this.address(i), got[i]!, MSG_NOSIGNAL));
      }
    }
  }

  private address(place: number): number {
    return this.memory.address + place * STRIDE;
  }
}

/** What a call returned, with its error as a negative number in place of -1. */
export function resultOf(returned: number): number {
  return returned < 0 ? -errno() : returned;
}

/**
 * The connections of one worker, in typed arrays indexed by slot: no object and no closure a connection. About 90
 * bytes each, and only for slots that were ever used at once, because the arrays start as untouched zero pages and
 * freed slots are used again first.
 *
 * What concerns one end of a connection is indexed by `slot × 2 + side`.
 */
import { Holds } from './guard/holds.ts';

export const CLIENT = 0;
export const SERVER = 1;
/** The end of a connection that it was accepted from, or that it was dialled to. */
export type Side = typeof CLIENT | typeof SERVER;

export const FREE = 0;
export const CONNECTING = 1;
export const OPEN = 2;

/** Bits of `ends`. */
/** Something may be there to read: data, the end of the stream, or an error. */
export const READABLE = 1;
/** The end of the stream was read from this side. */
export const ENDED = 2;
/** A write to this side would have blocked; cleared when the kernel says it is writable again. */
export const BLOCKED = 4;
/** Has more to read than its turn allowed, and stands in the list of those that go on after the next events. */
export const QUEUED = 8;
/** The kernel has seen the end of the stream: a short read has taken all that will ever come. */
export const HUNG_UP = 16;
/** This side is broken: a write to it failed for good, or the kernel reported an error. */
export const GONE = 32;
/** Urgent data came from this side: reads may stop short without the socket being empty. */
export const URGENT = 64;
/** Stands in the batch of ends to be read next (batch.ts). */
export const BATCHED = 128;

export class ConnectionTable {
  readonly capacity: number;
  readonly state: Uint8Array;
  readonly fd: Int32Array;
  readonly ends: Uint8Array;
  /** Server id (common-state.ts), the port it came in by, and the service, by slot. */
  readonly server: Int32Array;
  readonly port: Int32Array;
  readonly service: Int32Array;
  /** The id of the SNAT address that the server sees, or -1 where the system chose one. */
  readonly source: Int16Array;
  /** 1 once it was tried on a second server. */
  readonly redispatched: Uint8Array;
  /** Times in milliseconds of the worker's clock: accepted, last dial begun, last payload byte either way. */
  readonly acceptedAt: Float64Array;
  readonly activeAt: Float64Array;
  /** Payload bytes read, by end. */
  readonly bytes: Float64Array;
  /** Rises each time the slot is used, so that an id is not mistaken for a later connection's. */
  readonly generation: Uint32Array;
  /** What each holds of its service's tables, by slot. */
  readonly holds: Holds;
  /** Slots were never used from here on. */
  used = 0;

  private readonly nextFree: Int32Array;
  private firstFree = -1;
  private readonly retired: number[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
    this.state = new Uint8Array(capacity);
    this.fd = new Int32Array(capacity * 2);
    this.ends = new Uint8Array(capacity * 2);
    this.server = new Int32Array(capacity);
    this.port = new Int32Array(capacity);
    this.service = new Int32Array(capacity);
    this.source = new Int16Array(capacity);
    this.redispatched = new Uint8Array(capacity);
    this.acceptedAt = new Float64Array(capacity);
    this.activeAt = new Float64Array(capacity);
    this.bytes = new Float64Array(capacity * 2);
    this.generation = new Uint32Array(capacity);
    this.holds = new Holds(capacity);
    this.nextFree = new Int32Array(capacity);
  }

  /** A free slot, or -1 when the table is full. */
  take(): number {
    let slot = this.firstFree;
    if (slot >= 0) this.firstFree = this.nextFree[slot] as number;
    else if (this.used < this.capacity) slot = this.used++;
    else return -1;
    this.generation[slot] = (this.generation[slot] as number) + 1;
    this.redispatched[slot] = 0;
    this.ends[slot * 2] = 0;
    this.ends[slot * 2 + 1] = 0;
    this.bytes[slot * 2] = 0;
    this.bytes[slot * 2 + 1] = 0;
    return slot;
  }

  /** Ends the use of a slot; it is not given out again before {@link releaseRetired}. */
  retire(slot: number): void {
    this.state[slot] = FREE;
    this.retired.push(slot);
  }

  /**
   * Called between two batches of events: within one batch a slot must not be used again, or an event that the kernel
   * reported for the old connection would be taken for the new one's.
   */
  releaseRetired(): void {
    for (let slot = this.retired.pop(); slot !== undefined; slot = this.retired.pop()) {
      this.nextFree[slot] = this.firstFree;
      this.firstFree = slot;
    }
  }

  /** Calls back for every slot in use; the callback may end that connection. */
  forEach(visit: (slot: number) => void): void {
    for (let slot = 0; slot < this.used; slot++) if (this.state[slot] !== FREE) visit(slot);
  }
}

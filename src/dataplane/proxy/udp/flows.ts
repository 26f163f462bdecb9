/**
 * The UDP flows of one worker: what one client address and port says to one port of a VIP. Typed arrays indexed by slot
 * as in connections.ts, and a hash table over them: the slots of a bucket are a list. No object and no closure a flow,
 * about 120 bytes each, and only for slots that were ever used at once. The number of slots is fixed, so that a
 * flood of forged addresses cannot take more memory, and the hash has a secret key, so that it cannot make long lists.
 */
import { randomFillSync } from 'node:crypto';
import { halfSipHash } from '../../../lib/half-siphash.ts';
import { Holds } from '../guard/holds.ts';
import { Memory } from '../libc.ts';

/** Words of a key: the client's struct sockaddr (sockaddr_in6 has 7, the shorter sockaddr_in is filled with zeros), */
export const KEY_WORDS = 8;
export const KEY_BYTES = KEY_WORDS * 4;
/** and the number of the port that it came in by. */
export const KEY_PORT_WORD = 7;

export class FlowTable {
  readonly capacity: number;
  /** Flows in the table now. */
  count = 0;
  /** Keys of KEY_BYTES by slot, in memory that the kernel sees: replies are sent to the address in them. */
  readonly keys: Memory;
  readonly inUse: Uint8Array;
  /** The socket that is connected to the server. */
  readonly fd: Int32Array;
  /** 1 when its server refused it and it was given this one, which has not answered yet. */
  readonly moved: Uint8Array;
  /** The SNAT address that it comes from (names.ts), or -1. */
  readonly source: Int16Array;
  /** Server id (common-state.ts), and the service, by slot. */
  readonly server: Int32Array;
  readonly service: Int32Array;
  /** Times in milliseconds of the worker's clock: first datagram, last datagram either way. */
  readonly openedAt: Float64Array;
  readonly activeAt: Float64Array;
  readonly bytesIn: Float64Array;
  readonly bytesOut: Float64Array;
  /** Rises each time the slot is used, so that an id is not mistaken for a later flow's. */
  readonly generation: Uint32Array;
  /** What each holds of its service's tables, by slot. */
  readonly holds: Holds;
  /** Slots were never used from here on. */
  used = 0;

  private readonly hash: Uint32Array;
  /** First slot of a bucket and next slot of a list, plus one: memory that nobody touched yet says that there is none. */
  private readonly buckets: Int32Array;
  private readonly next: Int32Array;
  private readonly mask: number;
  private readonly secret: Int32Array;
  private firstFree = 0;
  private readonly retired: number[] = [];

  /** @param secret two words that nobody else knows; random if not given */
  constructor(capacity: number, secret: Int32Array = randomFillSync(new Int32Array(2))) {
    this.capacity = capacity;
    this.keys = new Memory(capacity * KEY_BYTES);
    this.inUse = new Uint8Array(capacity);
    this.fd = new Int32Array(capacity);
    this.moved = new Uint8Array(capacity);
    this.source = new Int16Array(capacity);
    this.server = new Int32Array(capacity);
    this.service = new Int32Array(capacity);
    this.openedAt = new Float64Array(capacity);
    this.activeAt = new Float64Array(capacity);
    this.bytesIn = new Float64Array(capacity);
    this.bytesOut = new Float64Array(capacity);
    this.generation = new Uint32Array(capacity);
    this.holds = new Holds(capacity);
    this.hash = new Uint32Array(capacity);
    this.next = new Int32Array(capacity);
    const size = 2 ** Math.ceil(Math.log2(Math.max(capacity, 2)));
    this.buckets = new Int32Array(size);
    this.mask = size - 1;
    this.secret = secret;
  }

  /** The flow's slot, or -1. @param key of KEY_WORDS words */
  find(key: Int32Array): number {
    const hash = halfSipHash(key, 0, KEY_WORDS, this.secret);
    for (let slot = this.buckets[hash & this.mask]! - 1; slot >= 0; slot = this.next[slot]! - 1) {
      if (this.hash[slot] === hash && this.hasKey(slot, key)) return slot;
    }
    return -1;
  }

  /** Gives a flow that the table does not have a slot; -1 when the table is full. */
  add(key: Int32Array): number {
    let slot = this.firstFree - 1;
    if (slot >= 0) this.firstFree = this.next[slot]!;
    else if (this.used < this.capacity) slot = this.used++;
    else return -1;
    this.keys.int32.set(key, slot * KEY_WORDS);
    const hash = halfSipHash(key, 0, KEY_WORDS, this.secret);
    this.hash[slot] = hash;
    this.next[slot] = this.buckets[hash & this.mask]!;
    this.buckets[hash & this.mask] = slot + 1;
    this.inUse[slot] = 1;
    this.moved[slot] = 0;
    this.bytesIn[slot] = 0;
    this.bytesOut[slot] = 0;
    this.generation[slot]! += 1;
    this.count++;
    return slot;
  }

  /** Takes a flow out of the table; its slot is not given out again before {@link releaseRetired}. */
  retire(slot: number): void {
    const bucket = this.hash[slot]! & this.mask;
    if (this.buckets[bucket] === slot + 1) this.buckets[bucket] = this.next[slot]!;
    else {
      let before = this.buckets[bucket]! - 1;
      while (this.next[before] !== slot + 1) before = this.next[before]! - 1;
      this.next[before] = this.next[slot]!;
    }
    this.inUse[slot] = 0;
    this.count--;
    this.retired.push(slot);
  }

  /** Called between two batches of events: see ConnectionTable.releaseRetired. */
  releaseRetired(): void {
    for (let slot = this.retired.pop(); slot !== undefined; slot = this.retired.pop()) {
      this.next[slot] = this.firstFree;
      this.firstFree = slot + 1;
    }
  }

  /** The number of the port that the flow came in by. */
  port(slot: number): number {
    return this.keys.int32[slot * KEY_WORDS + KEY_PORT_WORD]!;
  }

  /** Calls back for every flow; the callback may end that flow. */
  forEach(visit: (slot: number) => void): void {
    for (let slot = 0; slot < this.used; slot++) if (this.inUse[slot] === 1) visit(slot);
  }

  private hasKey(slot: number, key: Int32Array): boolean {
    const words = this.keys.int32;
    for (let i = 0, at = slot * KEY_WORDS; i < KEY_WORDS; i++) if (words[at + i] !== key[i]) return false;
    return true;
  }
}

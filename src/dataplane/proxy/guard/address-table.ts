/**
 * A table of clients' addresses in shared memory, of a size that is fixed when it is made: a hash table with chains over
 * typed arrays. An entry is held by each open connection of its client. Entries that nobody holds are kept in the order of
 * their last use, so that the one unused for longest makes room when the table is full, and nothing has to be searched.
 *
 * Every thread may use it, one at a time: the caller holds a lock. No operation depends on the size of the table, and
 * nobody outside can choose addresses that share a chain, because the hash has a key drawn at random.
 */
import { randomFillSync } from 'node:crypto';
import { halfSipHash } from '../../../lib/half-siphash.ts';
import type { AddressWords } from '../../../scheduler/identity.ts';

/** In place of an entry: there is none. */
export const NO_ENTRY = 0;

const KEY_WORDS = 4;
/** Seven columns: key 16, next, holders, older, newer 4 each, since and value 8 each. */
const ENTRY_BYTES = 48;
const HEADER_DOUBLES = 9;
/** Doubles of the header. */
const USED = 0;
const FREE = 1;
const SIZE = 2;
const OLDEST = 3;
const NEWEST = 4;
const EVICTED = 5;
const TURNED_AWAY = 6;
/** Two words. */
const SECRET = 7;

/** Bytes of a table of so many entries. */
export function addressTableBytes(capacity: number): number {
  return HEADER_DOUBLES * 8 + (capacity + 1) * ENTRY_BYTES + chainsFor(capacity) * 4;
}

/** @throws RangeError when there is no such memory */
export function createAddressTable(capacity: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(addressTableBytes(capacity));
  const header = new Float64Array(buffer, 0, HEADER_DOUBLES);
  header.set(randomFillSync(new Int32Array(2)), SECRET);
  return buffer;
}

function chainsFor(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
}

export class AddressTable {
  readonly capacity: number;
  /** What the owner of the table keeps for each entry; 0 in a new one. */
  readonly value: Float64Array;
  private readonly header: Float64Array;
  private readonly key: Int32Array;
  private readonly next: Int32Array;
  private readonly holders: Int32Array;
  private readonly older: Int32Array;
  private readonly newer: Int32Array;
  /** When it was last used, of an entry that nobody holds. */
  private readonly since: Float64Array;
  private readonly chains: Int32Array;
  private readonly secret: Int32Array;

  /** @param buffer made by {@link createAddressTable} for this capacity */
  constructor(buffer: SharedArrayBuffer, capacity: number) {
    this.capacity = capacity;
    let offset = 0;
    const doubles = (length: number): Float64Array => {
      offset += length * 8;
      return new Float64Array(buffer, offset - length * 8, length);
    };
    const words = (length: number): Int32Array => {
      offset += length * 4;
      return new Int32Array(buffer, offset - length * 4, length);
    };
    const length = capacity + 1;
    this.header = doubles(HEADER_DOUBLES);
    this.secret = Int32Array.from(this.header.subarray(SECRET));
    this.since = doubles(length);
    this.value = doubles(length);
    this.key = words(length * KEY_WORDS);
    this.next = words(length);
    this.holders = words(length);
    this.older = words(length);
    this.newer = words(length);
    this.chains = words(chainsFor(capacity));
  }

  /** Entries in the table, held ones and others. */
  get size(): number {
    return this.header[SIZE] as number;
  }

  /** Entries that had to go before their time, to make room. */
  get evicted(): number {
    return this.header[EVICTED] as number;
  }

  /** How often no entry could be made, because all were held. */
  get turnedAway(): number {
    return this.header[TURNED_AWAY] as number;
  }

  find(address: AddressWords): number {
    const { key, next } = this;
    let entry = this.chains[this.chainOf(address, 0)] as number;
    while (entry !== NO_ENTRY) {
      const at = entry * KEY_WORDS;
      const found =
        key[at] === address[0] &&
        key[at + 1] === address[1] &&
        key[at + 2] === address[2] &&
        key[at + 3] === address[3];
      if (found) return entry;
      entry = next[entry] as number;
    }
    return NO_ENTRY;
  }

  /**
   * A new entry, last used now and held by nobody; NO_ENTRY when the table is full and all entries are held.
   * @param address one that {@link find} does not find
   */
  insert(address: AddressWords, now: number): number {
    const entry = this.take();
    if (entry === NO_ENTRY) return NO_ENTRY;
    this.key.set(address, entry * KEY_WORDS);
    const chain = this.chainOf(address, 0);
    this.next[entry] = this.chains[chain] as number;
    this.chains[chain] = entry;
    this.value[entry] = 0;
    this.holders[entry] = 0;
    this.header[SIZE]! += 1;
    this.append(entry, now);
    return entry;
  }

  hold(entry: number): void {
    if (this.holders[entry] === 0) this.unlink(entry);
    this.holders[entry]! += 1;
  }

  release(entry: number, now: number): void {
    this.holders[entry]! -= 1;
    if (this.holders[entry] === 0) this.append(entry, now);
  }

  holdersOf(entry: number): number {
    return this.holders[entry] as number;
  }

  /** Whether nobody holds it, and nobody used it since `before`. */
  isStale(entry: number, before: number): boolean {
    return this.holders[entry] === 0 && (this.since[entry] as number) <= before;
  }

  /** Removes entries that nobody holds and that were not used since `before`, the oldest first; at most `most`. */
  expire(before: number, most: number): void {
    for (let i = 0; i < most; i++) {
      const oldest = this.header[OLDEST] as number;
      if (oldest === NO_ENTRY || (this.since[oldest] as number) > before) return;
      this.remove(oldest);
    }
  }

  private take(): number {
    const { header } = this;
    if (header[FREE] === NO_ENTRY && header[USED] === this.capacity) {
      const oldest = header[OLDEST] as number;
      header[oldest === NO_ENTRY ? TURNED_AWAY : EVICTED]! += 1;
      if (oldest === NO_ENTRY) return NO_ENTRY;
      this.remove(oldest);
    }
    const free = header[FREE] as number;
    if (free === NO_ENTRY) return ++header[USED]!;
    header[FREE] = this.next[free] as number;
    return free;
  }

  private remove(entry: number): void {
    this.unlink(entry);
    const chain = this.chainOf(this.key, entry * KEY_WORDS);
    let before = this.chains[chain] as number;
    if (before === entry) this.chains[chain] = this.next[entry] as number;
    else {
      while (this.next[before] !== entry) before = this.next[before] as number;
      this.next[before] = this.next[entry] as number;
    }
    this.next[entry] = this.header[FREE] as number;
    this.header[FREE] = entry;
    this.header[SIZE]! -= 1;
  }

  /** Puts an entry that nobody holds at the end of the order of last use. */
  private append(entry: number, now: number): void {
    const { header } = this;
    const newest = header[NEWEST] as number;
    this.since[entry] = now;
    this.older[entry] = newest;
    this.newer[entry] = NO_ENTRY;
    if (newest === NO_ENTRY) header[OLDEST] = entry;
    else this.newer[newest] = entry;
    header[NEWEST] = entry;
  }

  private unlink(entry: number): void {
    const { header, older, newer } = this;
    const [before, after] = [older[entry] as number, newer[entry] as number];
    if (before === NO_ENTRY) header[OLDEST] = after;
    else newer[before] = after;
    if (after === NO_ENTRY) header[NEWEST] = before;
    else older[after] = before;
  }

  private chainOf(words: Int32Array, at: number): number {
    return halfSipHash(words, at, KEY_WORDS, this.secret) & (this.chains.length - 1);
  }
}

/**
 * Reads a ring buffer of the programs (Documentation/bpf/ringbuf.rst in the kernel's tree) from memory that it shares with
 * the kernel: no system call for a record. One reader at a time; where it stopped stays with the map, so a later process
 * goes on there.
 */
import { PoolgateError } from '../../../lib/errors.ts';
import { errno, errorText, mapped, pageSize, sys } from '../../proxy/libc.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** Before each record: its length with two flags, and a number of the kernel's own (linux/bpf.h). */
const HEADER = 8;
const BUSY = 0x80000000;
const DISCARDED = 0x40000000;
const LENGTH = 0x3fffffff;

export class RingBuffer {
  private readonly size: number;
  private readonly maps: readonly { readonly address: number; readonly length: number }[];
  /** What this end has read, and the other has written, in bytes since the beginning. */
  private readonly consumed: BigInt64Array;
  private readonly produced: BigInt64Array;
  private readonly lengths: Uint32Array;
  /** Where records are read from, by the places that `records` gives. */
  readonly view: DataView<ArrayBuffer>;
  private closed = false;

  /**
   * @param fd of the map
   * @param size of its data in bytes (`max_entries`)
   * @throws PoolgateError SYSTEM
   */
  constructor(fd: number, size: number) {
    const page = pageSize();
    // The data stand there twice, one after the other, so that no record is cut at the end.
    const length = page + 2 * size;
    const own = map(fd, page, PROT_READ | PROT_WRITE, 0);
    let theirs: number;
    try {
      theirs = map(fd, length, PROT_READ, page);
    } catch (error) {
      sys.munmap(own, page);
      throw error;
    }
    this.size = size;
    this.maps = [
      { address: own, length: page },
      { address: theirs, length },
    ];
    this.consumed = new BigInt64Array(mapped(own, page), 0, 1);
    const shared = mapped(theirs, length);
    this.produced = new BigInt64Array(shared, 0, 1);
    this.lengths = new Uint32Array(shared, page);
    this.view = new DataView(shared, page);
  }

  /**
   * Where in `view` the records are that were whole when it began, the oldest first. Each stands there until the next one
   * is asked for, and is not copied: a burst of ten thousand takes no memory. One that a CPU is still writing is left,
   * with all after it; so are those that its user did not ask for.
   */
  *records(): Generator<number> {
    if (this.closed) return;
    const end = Number(Atomics.load(this.produced, 0));
    let at = Number(Atomics.load(this.consumed, 0));
    while (at < end) {
      const place = at % this.size;
      const header = Atomics.load(this.lengths, place / 4);
      if ((header & BUSY) !== 0) return;
      at += Math.ceil((HEADER + (header & LENGTH)) / 8) * 8;
      try {
        if ((header & DISCARDED) === 0) yield place + HEADER;
      } finally {
        // Only now may the kernel write there again.
        if (!this.closed) Atomics.store(this.consumed, 0, BigInt(at));
      }
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { address, length } of this.maps) sys.munmap(address, length);
  }
}

function map(fd: number, length: number, protection: number, offset: number): number {
  const address = sys.mmap(0, length, protection, MAP_SHARED, fd, offset);
  if (address !== -1) return address;
  throw new PoolgateError('SYSTEM', `mapping a BPF ring buffer: ${errorText(errno())}`);
}

import {
  EINTR,
  errno,
  IORING_ENTER_GETEVENTS,
  IORING_OFF_SQES,
  IORING_OP_RECV,
  IORING_OP_SEND,
  IORING_SETUP_DEFER_TASKRUN,
  IORING_SETUP_SINGLE_ISSUER,
  IORING_SETUP_SUBMIT_ALL,
  mappedWords,
  MAP_FAILED,
  MAP_POPULATE,
  MAP_SHARED,
  Memory,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  PROT_READ,
  PROT_WRITE,
  sys,
} from './libc.ts';

/** The result of a call that the kernel did not take; no call fails with it by itself. */
export const NOT_DONE = -0x7fffffff;

/** struct io_uring_params in bytes, and where the 32-bit words of it are that we read (io_uring_setup(2)). */
const PARAMS_SIZE = 120;
const SQ_ENTRIES = 0;
const FLAGS = 2;
const SQ = { head: 10, tail: 11, ringMask: 12, array: 16 };
const CQ = { head: 20, tail: 21, ringMask: 22, cqes: 25 };
const CQ_ENTRIES = 1;
/** struct io_uring_sqe and io_uring_cqe, in 32-bit words. */
const SQE_WORDS = 16;
const CQE_WORDS = 4;

/**
 * An io_uring (io_uring(7)) used for one thing: to have many non-blocking `recv` and `send` calls done in one entry of the
 * kernel. Each of them is over when {@link run} returns, as after a plain call, so nothing is ever under way
 * between two of them, no buffer is the kernel's for longer, and closing a descriptor needs no care.
 *
 * To be used by the thread that made it only.
 */
export class Ring {
  private readonly fd: number;
  private readonly rings: Int32Array;
  private readonly sqes: Int32Array;
  private readonly mapped: readonly { address: number; size: number }[];
  private readonly sq: { head: number; tail: number; mask: number };
  private readonly cq: { head: number; tail: number; mask: number; cqes: number };
  private tail: number;
  private queued = 0;

  private constructor(fd: number, params: Int32Array) {
    this.fd = fd;
    const word = (index: number): number => params[index]!;
    const entries = word(SQ_ENTRIES);
    const ringsSize = Math.max(
      word(SQ.array) + entries * 4,
      word(CQ.cqes) + word(CQ_ENTRIES) * CQE_WORDS * 4,
    );
    const sqesSize = entries * SQE_WORDS * 4;
    const rings = map(fd, ringsSize, 0);
    const sqes = rings === MAP_FAILED ? MAP_FAILED : map(fd, sqesSize, IORING_OFF_SQES);
    this.mapped = [
      { address: rings, size: ringsSize },
      { address: sqes, size: sqesSize },
    ].filter(({ address }) => address !== MAP_FAILED);
    if (this.mapped.length < 2) {
      this.close();
      throw new Error('no memory for the ring');
    }
    this.rings = mappedWords(rings, ringsSize);
    this.sqes = mappedWords(sqes, sqesSize);
    const at = (index: number): number => word(index) >> 2;
    this.sq = { head: at(SQ.head), tail: at(SQ.tail), mask: this.rings[at(SQ.ringMask)]! };
    this.cq = { head: at(CQ.head), tail: at(CQ.tail), mask: this.rings[at(CQ.ringMask)]!, cqes: at(CQ.cqes) };
    // The kernel finds entries through an array of their numbers; ours stand in order for good.
    for (let i = 0; i < entries; i++) this.rings[at(SQ.array) + i] = i;
    this.tail = this.rings[this.sq.tail]!;
  }

  /**
   * @param calls the most that are done at once
   * @returns null where the kernel is older than 6.1 or does not let us (sysctl kernel.io_uring_disabled, seccomp)
   */
  static open(calls: number): Ring | null {
    const params = new Memory(PARAMS_SIZE);
    params.int32[FLAGS] = IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    const fd = sys.io_uring_setup(calls, params.address);
    if (fd < 0) return null;
    try {
      return new Ring(fd, params.int32);
    } catch {
      return null;
    }
  }

  /** Whether this kernel lets this process have one. */
  static works(): boolean {
    const ring = Ring.open(1);
    ring?.close();
    return ring !== null;
  }

  close(): void {
    for (const { address, size } of this.mapped) sys.munmap(address, size);
    sys.close(this.fd);
  }

  /** Queues a read; `place` says where {@link run} puts its result. */
  recv(place: number, fd: number, address: number, length: number): void {
    this.queue(IORING_OP_RECV, place, fd, address, length, MSG_DONTWAIT);
  }

  /** Queues a write. */
  send(place: number, fd: number, address: number, length: number): void {
    this.queue(IORING_OP_SEND, place, fd, address, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  private queue(op: number, place: number, fd: number, address: number, length: number, flags: number): void {
    const { sqes } = this;
    const at = (this.tail & this.sq.mask) * SQE_WORDS;
    sqes[at] = op;
    sqes[at + 1] = fd;
    sqes[at + 4] = address | 0;
    sqes[at + 5] = Math.floor(address / 2 ** 32);
    sqes[at + 6] = length;
    sqes[at + 7] = flags;
    sqes[at + 8] = place;
    this.tail = (this.tail + 1) | 0;
    this.queued++;
  }

  /**
   * Does what is queued.
   * @param results by place: what the call returned, or its error as a negative number; NOT_DONE is left untouched
   * @returns false when the kernel did not do all of it
   */
  run(results: Int32Array): boolean {
    const { queued, sq, rings } = this;
    this.queued = 0;
    Atomics.store(rings, sq.tail, this.tail);
    sys.io_uring_enter(this.fd, queued, queued, IORING_ENTER_GETEVENTS);
    // How far the kernel got is in the ring, whatever the call returned; what it did not take is taken back.
    const untaken = (this.tail - Atomics.load(rings, sq.head)) | 0;
    if (untaken > 0) {
      this.tail = (this.tail - untaken) | 0;
      Atomics.store(rings, sq.tail, this.tail);
    }
    let due = queued - untaken;
    while ((due -= this.reap(results)) > 0) {
      if (sys.io_uring_enter(this.fd, 0, due, IORING_ENTER_GETEVENTS) < 0 && errno() !== EINTR) return false;
    }
    return untaken === 0;
  }

  /** Takes the results that are there. @returns how many */
  private reap(results: Int32Array): number {
    const { cq, rings } = this;
    const head = rings[cq.head]!;
    const tail = Atomics.load(rings, cq.tail);
    for (let i = head; i !== tail; i = (i + 1) | 0) {
      const at = cq.cqes + (i & cq.mask) * CQE_WORDS;
      results[rings[at]!] = rings[at + 2]!;
    }
    Atomics.store(rings, cq.head, tail);
    return (tail - head) | 0;
  }
}

function map(fd: number, size: number, offset: number): number {
  return sys.mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
}

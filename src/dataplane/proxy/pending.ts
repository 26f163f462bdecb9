import { errno, Memory, MSG_NOSIGNAL, sys } from './libc.ts';

/**
 * Bytes that were read from one end and that the other end could not take yet. Nothing more is read before they are
 * gone, so a connection never holds more than one read's worth each way, however slow its reader is.
 */
export class Pending {
  private readonly memory: Memory;
  private readonly length: number;
  private offset = 0;
  private reported = 0;

  /** Copies the bytes, for the buffer that they lie in is everybody's. */
  constructor(bytes: Uint8Array) {
    this.memory = new Memory(bytes.length);
    this.memory.bytes.set(bytes);
    this.length = bytes.length;
  }

  /** Writes what the socket takes. @returns 0 when all is written, else the error (EAGAIN: the rest waits) */
  writeTo(fd: number): number {
    while (this.offset < this.length) {
      const sent = sys.send(fd, this.memory.address + this.offset, this.length - this.offset, MSG_NOSIGNAL);
      if (sent < 0) return errno();
      this.offset += sent;
    }
    return 0;
  }

  /** True when bytes were written since it was asked last. */
  progressed(): boolean {
    const moved = this.offset > this.reported;
    this.reported = this.offset;
    return moved;
  }
}

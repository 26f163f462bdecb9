/** Bytes that both ends of a transfer can make for themselves, so that a digest shows whether they arrived intact. */
import { createHash } from 'node:crypto';

// A prime length: a piece lost, doubled or swapped at a buffer's border shows, because no power of two divides it.
const LENGTH = 65_521;
const BLOCK = makeBlock();

function makeBlock(): Buffer {
  const block = Buffer.alloc(LENGTH);
  let state = 0x2545_f491;
  for (let i = 0; i < LENGTH; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block[i] = state & 0xff;
  }
  return block;
}

/** The bytes from `offset` on, at most `limit` of them and no further than the block's end. */
export function patternAt(offset: number, limit: number): Buffer {
  const start = offset % LENGTH;
  return BLOCK.subarray(start, Math.min(LENGTH, start + limit));
}

/** SHA-256 in hex of the first `length` bytes. */
export function patternDigest(length: number): string {
  const hash = createHash('sha256');
  for (let done = 0; done < length; ) {
    const piece = patternAt(done, length - done);
    hash.update(piece);
    done += piece.length;
  }
  return hash.digest('hex');
}

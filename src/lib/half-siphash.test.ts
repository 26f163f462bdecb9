import { expect, test } from 'vitest';
import { halfSipHash } from './half-siphash.ts';

/** Bytes 0, 1, 2 … as the words of a little-endian machine, which is how the published vectors are made. */
function counting(bytes: number): Int32Array {
  return new Int32Array(Uint8Array.from({ length: bytes }, (_, i) => i).buffer);
}

// From the authors' vectors of HalfSipHash-2-4 with a result of 32 bits, key 00 01 … 07.
test.each([
  [0, 0x5b9f35a9],
  [4, 0x89466e2a],
  [8, 0x8f84b8d0],
  [32, 0x1221e7fe],
])('%i bytes give what the authors publish', (bytes, hash) => {
  expect(halfSipHash(counting(bytes), 0, bytes / 4, counting(8), [2, 4])).toBe(hash);
});

test('only the words asked for count', () => {
  const words = counting(64);
  const part = words.slice(4, 12);
  const key = counting(8);
  expect(halfSipHash(words, 4, 8, key)).toBe(halfSipHash(part, 0, 8, key));
  expect(halfSipHash(words, 4, 7, key)).not.toBe(halfSipHash(part, 0, 8, key));
});

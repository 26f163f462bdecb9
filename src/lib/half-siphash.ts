/**
 * HalfSipHash of 32-bit words, with a result of 32 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF", and
 * its variant for 32-bit machines). Whoever does not know the key cannot find inputs that collide, so a hash table that
 * strangers fill stays a hash table.
 * @param from,count the words to hash
 * @param key two secret words
 * @param rounds for each word, and at the end; 1 and 3 are what the Linux kernel takes for its own tables
 * @returns a whole number from 0 to 2^32 - 1
 */
export function halfSipHash(
  words: Int32Array,
  from: number,
  count: number,
  key: Int32Array,
  rounds: readonly [number, number] = QUICK,
): number {
  let v0 = key[0]!;
  let v1 = key[1]!;
  let v2 = v0 ^ 0x6c796765;
  let v3 = v1 ^ 0x74656462;
  for (let i = 0; i <= count + 1; i++) {
    // After the words comes one with the number of bytes in its highest byte, and after it the end.
    const word = i < count ? words[from + i]! : i === count ? count << 26 : 0;
    if (i <= count) v3 ^= word;
    else v2 ^= 0xff;
    for (let round = i <= count ? rounds[0] : rounds[1]; round > 0; round--) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}

const QUICK = [1, 3] as const;

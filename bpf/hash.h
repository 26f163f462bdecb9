/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The hashes of src/scheduler, so that both data planes and two balancers with one config send a client to the same server.
 */
#pragma once
#include <linux/types.h>
#include "maps.h"

static __always_inline __u32 rotate(__u32 x, int by)
{
  return (x << by) | (x >> (32 - by));
}

#define SIP_ROUND                                                                                                      \
  do {                                                                                                           \
    v0 += v1;                                                                                              \
    v1 = rotate(v1, 5) ^ v0;                                                                               \
    v0 = rotate(v0, 16);                                                                                   \
    v2 += v3;                                                                                              \
    v3 = rotate(v3, 8) ^ v2;                                                                               \
    v0 += v3;                                                                                              \
    v3 = rotate(v3, 7) ^ v0;                                                                               \
    v2 += v1;                                                                                              \
    v1 = rotate(v1, 13) ^ v2;                                                                              \
    v2 = rotate(v2, 16);                                                                                   \
  } while (0)

/* HalfSipHash-1-3 of an address with the key 0, 0. */
static __always_inline __u32 client_hash(const struct address *a)
{
  __u32 v0 = 0, v1 = 0, v2 = 0x6c796765, v3 = 0x74656462;
  __u32 words[5] = {a->words[0], a->words[1], a->words[2], a->words[3], 16u << 24};
#pragma unroll
  for (int i = 0; i < 5; i++) {
    v3 ^= words[i];
    SIP_ROUND;
    v0 ^= words[i];
  }
  v2 ^= 0xff;
  SIP_ROUND;
  SIP_ROUND;
  SIP_ROUND;
  return v1 ^ v3;
}

/* The finaliser of MurmurHash3 over both. */
static __always_inline __u32 mix(__u32 a, __u32 b)
{
  __u32 h = a ^ b;
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

/* The upper half of a square. */
static __always_inline __u64 square_high(__u64 x)
{
  __u64 high = x >> 32, low = x & 0xffffffff;
  __u64 cross = high * low;
  return high * high + ((cross + ((low * low) >> 33)) >> 31);
}

#define WAIT_BITS 57

/*
 * -log2((draw + 1/2) / 2^32) with WAIT_BITS bits after the point, digit by digit: squaring a number from 1 to 2
 * doubles its logarithm. There are no floating point numbers in the kernel; the other plane's have 53 bits, so both
 * agree but for draws nearer to each other than either can tell.
 */
__noinline __u64 wait_of(__u32 draw)
{
  __u64 x = ((__u64)draw << 1) | 1; /* of 2^33 */
  __u32 whole = 63;
#pragma unroll
  for (int step = 32; step >= 1; step >>= 1) {
    /* Up until bit 63 is set, without branches: one path for the verifier. */
    __u64 empty = (x >> (64 - step)) == 0;
    x <<= empty * step;
    whole -= empty * step;
  }
  __u64 fraction = 0;
  for (int i = 0; i < WAIT_BITS; i++) {
    x = square_high(x);
    __u64 digit = x >> 63;
    x <<= 1 - digit;
    fraction = (fraction << 1) | digit;
  }
  return (33ull << WAIT_BITS) - (((__u64)whole << WAIT_BITS) + fraction);
}

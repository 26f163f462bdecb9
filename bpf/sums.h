/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sums of ones' complement (RFC 1071), of which all checksums of the network are made, and how they change (RFC 1624). */
#pragma once
#include <linux/types.h>
#include "scratch.h"
#include "services.h"

static __always_inline __u32 folded(__u64 sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  return (sum & 0xffffffff) + (sum >> 32);
}

static __always_inline __u16 folded_twice(__u64 sum) {
  __u32 half = folded(sum);
  half = (half & 0xffff) + (half >> 16);
  return (half & 0xffff) + (half >> 16);
}

/* What a sum changes by when one address becomes another; of IPv4 the first words are the same. */
static __always_inline __u64 difference(const struct address *from, const struct address *to) {
  __u64 sum = 0;
  for (int i = 0; i < 4; i++) sum += (__u64)to->words[i] + (__u32)~from->words[i];
  return sum;
}

/* Of so many bytes of a packet, a multiple of 4 and at most three times SUMMED. Read in pieces, for they may lie so. */
static __always_inline __u32 sum_of(struct __sk_buff *skb, struct scratch *own, __u32 at, __u32 size) {
  __u64 sum = 0;
  for (int i = 0; i < 3; i++) {
    __u32 part = size < SUMMED ? size : SUMMED;
    KEEP(part);
    part &= SUMMED | (SUMMED - 4);
    if (part == 0 || part > SUMMED) break;
    if (bpf_skb_load_bytes(skb, at, own->summed, part)) break;
    sum += (__u32)bpf_csum_diff(NULL, 0, (__be32 *)own->summed, part, 0);
    at += part;
    size -= part;
  }
  return folded(sum);
}

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Both ends of a connection are told not to send segments that the way through us does not take (RFC 9293 section 3.7.1):
 * most of them so never have to learn it by a packet that was lost.
 */
#pragma once
#include <stddef.h>
#include "parse.h"

#define OPTION_END 0
#define OPTION_NOTHING 1
#define OPTION_MSS 2
#define MSS_LENGTH 4
#define MOST_OPTIONS 40 /* bytes of them */
#define LEAST_MTU 68 /* RFC 791 section 3.2; what is said to be less is no MTU */

struct mss_option {
  __u8 kind;
  __u8 length;
  __u16 value;
};

/* Checksums are made of words of 16 bits: an option at an odd place has its bytes in two of them. */
static __always_inline void store_mss(struct __sk_buff *skb, __u32 transport, __u32 at, __u16 old, __u16 most) {
  bool odd = (at - transport) & 1;
  __u32 sum_at = transport + offsetof(struct tcphdr, check);
  bpf_l4_csum_replace(skb, sum_at, odd ? __builtin_bswap16(old) : old, odd ? __builtin_bswap16(most) : most, sizeof(most));
  bpf_skb_store_bytes(skb, at + offsetof(struct mss_option, value), &most, sizeof(most), 0);
}

/* Of a packet with SYN: its MSS becomes what an MTU allows, if it was more. 1 if it was. */
__noinline int clamp_mss(struct __sk_buff *skb, const struct packet *p, __u32 mtu) {
  if (!p || mtu < LEAST_MTU) return 0;
  bool v4 = p->source.words[2] == bpf_htonl(0xffff) && p->source.words[0] == 0 && p->source.words[1] == 0;
  __u32 headers = (v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) + sizeof(struct tcphdr);
  __u8 offset;
  if (mtu <= headers || bpf_skb_load_bytes(skb, p->transport + 12, &offset, 1)) return 0;
  __u32 most = mtu - headers;
  if (most > 0xffff) return 0;
  __u32 at = p->transport + sizeof(struct tcphdr);
  __u32 end = p->transport + (offset >> 4) * 4;
  for (int i = 0; i < MOST_OPTIONS; i++) {
    struct mss_option option;
    if (at + MSS_LENGTH > end || bpf_skb_load_bytes(skb, at, &option, sizeof(option))) return 0;
    if (option.kind == OPTION_MSS && option.length == MSS_LENGTH) {
      if (bpf_ntohs(option.value) <= most) return 0;
      store_mss(skb, p->transport, at, option.value, bpf_htons(most));
      return 1;
    }
    if (option.kind == OPTION_END) return 0;
    if (option.kind != OPTION_NOTHING && option.length < 2) return 0;
    at += option.kind == OPTION_NOTHING ? 1 : option.length;
  }
  return 0;
}

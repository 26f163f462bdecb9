/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a router says to the sender of a packet that it cannot send on, for packets that no router sees because they go the
 * short way: ICMP (RFC 792, 1191, 1812 section 4.3) or ICMPv6 (RFC 4443) from the address that was sent to, with as much
 * of the packet as may be quoted, as its sender sent it. The packet itself becomes the answer and goes back by the
 * interface that it came in by.
 */
#pragma once
#include <linux/pkt_cls.h>
#include <stddef.h>
#include "limits.h"
#include "parse.h"
#include "sums.h"

/* On packets that were translated or made here, so that the program at the way out has nothing to do with them. */
#define MARK_TRANSLATED 0x50fffffd

#define QUOTE_IPV4 512  /* with its headers less than 576 (RFC 1812 section 4.3.2.3) */
#define QUOTE_IPV6 1232 /* with its headers the least MTU of IPv6 (RFC 4443 section 3.2) */
#define HOPS 64
#define INTERNETWORK_CONTROL 0xc0 /* the precedence of such messages (RFC 1812 section 4.3.2.5) */

/* Of each CPU: as many a second, and so many at once, as Linux by itself sends (icmp_msgs_per_sec, icmp_msgs_burst). */
#define ANSWERS_PER_SECOND 1000
#define ANSWERS_AT_ONCE 50
#define ANSWER_NS (SECOND_NS / ANSWERS_PER_SECOND)

/* Types and codes; linux/icmp.h would bring all of the C library with it. */
#define ICMP_UNREACHABLE 3
#define ICMP_TOO_BIG 4
#define ICMP_NO_HOP_LEFT 11
#define ICMPV6_TOO_BIG 2
#define ICMPV6_NO_HOP_LEFT 3

struct icmp_header {
  __u8 type;
  __u8 code;
  __u16 checksum;
  __u32 rest; /* the MTU; of IPv4 in the last two bytes */
};

struct answer_ipv4 {
  struct iphdr ip;
  struct icmp_header icmp;
};

struct answer_ipv6 {
  struct ipv6hdr ip;
  struct icmp_header icmp;
};

/* The same pace as that of sources (limits.h). */
static __always_inline bool may_answer(struct scratch *own) {
  __u64 now = bpf_ktime_get_ns();
  __u64 full = own->answers_full_at > now ? own->answers_full_at : now;
  if (full + ANSWER_NS > now + ANSWERS_AT_ONCE * ANSWER_NS) return false;
  own->answers_full_at = full + ANSWER_NS;
  return true;
}

static __always_inline int send_back(struct __sk_buff *skb) {
  __u8 ends[2 * ETH_ALEN];
  __u8 swapped[2 * ETH_ALEN];
  if (bpf_skb_load_bytes(skb, 0, ends, sizeof(ends))) return TC_ACT_SHOT;
  __builtin_memcpy(swapped, ends + ETH_ALEN, ETH_ALEN);
  __builtin_memcpy(swapped + ETH_ALEN, ends, ETH_ALEN);
  bpf_skb_store_bytes(skb, 0, swapped, sizeof(swapped), 0);
  skb->mark = MARK_TRANSLATED;
  return bpf_redirect(skb->ifindex, 0);
}

/*
 * A checksum that the card is to make (CHECKSUM_PARTIAL: somebody on this machine's own wire sent it, or the kernel put
 * several packets together) has the sum of the pseudo header in its place. No program is told; but no other packet has
 * that number there, unless once in 65,536.
 */
static __always_inline bool awaits_checksum(struct __sk_buff *skb, const struct packet *p, __u16 checksum) {
  if (bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY) >= 0) return false;
  __u64 sum = bpf_htons(IPPROTO_TCP);
  for (int i = 0; i < 4; i++) sum += (__u64)p->source.words[i] + p->destination.words[i];
  return folded_twice(sum + bpf_htonl(skb->len - p->transport)) == checksum;
}

/*
 * The sum of what is quoted. The card will make a checksum within it after this: ones' complement of the sum of all from
 * the TCP header on. Together with it these bytes then sum up to nothing but what stood in its place before.
 */
static __always_inline __u32 sum_of_quote(struct __sk_buff *skb, struct scratch *own, const struct packet *p, __u32 size) {
  __u16 checksum = 0;
  __u32 headers = p->transport - p->network;
  if (bpf_skb_load_bytes(skb, p->transport + offsetof(struct tcphdr, check), &checksum, sizeof(checksum))) return 0;
  if (headers < size && awaits_checksum(skb, p, checksum)) {
    return folded((__u64)sum_of(skb, own, p->network, headers) + (__u16)~checksum);
  }
  return sum_of(skb, own, p->network, size);
}

/* Cuts the packet to what is quoted and makes room before it. */
static __always_inline bool make_room(struct __sk_buff *skb, const struct packet *p, __u32 size, __u32 room) {
  if (skb->len > p->network + size && bpf_skb_change_tail(skb, p->network + size, 0)) return false;
  return bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, 0) == 0;
}

static __always_inline int answer_ipv4(struct __sk_buff *skb, struct scratch *own, const struct packet *p, __u32 mtu) {
  /* Whole words, so that the sum has no half one at its end. */
  __u32 size = skb->len - p->network < QUOTE_IPV4 ? (skb->len - p->network) & ~3u : QUOTE_IPV4;
  __u32 quoted = sum_of_quote(skb, own, p, size);
  if (!make_room(skb, p, size, sizeof(struct answer_ipv4))) return TC_ACT_SHOT;
  struct answer_ipv4 a = {.ip = {.version = 4,
                                 .ihl = sizeof(a.ip) / 4,
                                 .tos = INTERNETWORK_CONTROL,
                                 .tot_len = bpf_htons(sizeof(a) + size),
                                 .frag_off = bpf_htons(IP_DF),
                                 .ttl = HOPS,
                                 .protocol = IPPROTO_ICMP,
                                 .saddr = p->destination.words[3],
                                 .daddr = p->source.words[3]},
                          .icmp = {.type = mtu ? ICMP_UNREACHABLE : ICMP_NO_HOP_LEFT,
                                   .code = mtu ? ICMP_TOO_BIG : 0,
                                   .rest = bpf_htonl(mtu)}};
  a.ip.check = ~folded_twice(bpf_csum_diff(NULL, 0, (__be32 *)&a.ip, sizeof(a.ip), 0));
  a.icmp.checksum = ~folded_twice((__u64)(__u32)bpf_csum_diff(NULL, 0, (__be32 *)&a.icmp, sizeof(a.icmp), 0) + quoted);
  if (bpf_skb_store_bytes(skb, p->network, &a, sizeof(a), 0)) return TC_ACT_SHOT;
  return send_back(skb);
}

static __always_inline int answer_ipv6(struct __sk_buff *skb, struct scratch *own, const struct packet *p, __u32 mtu) {
  __u32 size = skb->len - p->network < QUOTE_IPV6 ? (skb->len - p->network) & ~3u : QUOTE_IPV6;
  __u32 quoted = sum_of_quote(skb, own, p, size);
  if (!make_room(skb, p, size, sizeof(struct answer_ipv6))) return TC_ACT_SHOT;
  struct answer_ipv6 a = {.ip = {.version = 6,
                                 .payload_len = bpf_htons(sizeof(a) - sizeof(a.ip) + size),
                                 .nexthdr = IPPROTO_ICMPV6,
                                 .hop_limit = HOPS},
                          .icmp = {.type = mtu ? ICMPV6_TOO_BIG : ICMPV6_NO_HOP_LEFT, .rest = bpf_htonl(mtu)}};
  __builtin_memcpy(&a.ip.saddr, &p->destination, sizeof(a.ip.saddr));
  __builtin_memcpy(&a.ip.daddr, &p->source, sizeof(a.ip.daddr));
  /* Of the pseudo header (RFC 8200 section 8.1) the addresses and the length are those of the header itself. */
  __u64 sum = (__u32)bpf_csum_diff(NULL, 0, (__be32 *)&a.ip.saddr, 2 * sizeof(a.ip.saddr) + sizeof(a.icmp), 0);
  a.icmp.checksum = ~folded_twice(sum + a.ip.payload_len + bpf_htons(IPPROTO_ICMPV6) + quoted);
  if (bpf_skb_store_bytes(skb, p->network, &a, sizeof(a), 0)) return TC_ACT_SHOT;
  return send_back(skb);
}

/*
 * Tells the sender that its packet is larger than this MTU, or (0) that it had no hop left. An IPv4 packet that may be cut
 * (no DF) gets the same answer: we cut none. Senders of TCP have set DF for decades, were told a MSS that fits, and take
 * the answer as they take it for a packet with DF.
 */
__noinline int answer(struct __sk_buff *skb, const struct packet *p, __u32 mtu) {
  __u32 zero = 0;
  struct scratch *own = bpf_map_lookup_elem(&scratches, &zero);
  if (!p || !own || !may_answer(own)) return TC_ACT_SHOT;
  return is_ipv4(&p->source) ? answer_ipv4(skb, own, p, mtu) : answer_ipv6(skb, own, p, mtu);
}

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets of connections that go the short way: other addresses and ports, one hop less, and out by the other interface.
 * Checksums are changed by what changes (RFC 1624), so a packet that was wrong stays wrong.
 */
#pragma once
#include <linux/pkt_cls.h>
#include "answer.h"
#include "follow.h"

#define TCP_CHECKSUM 16 /* offset in the header */

/* Beside what TC knows: it is for the next step to say. */
#define GO_ON -3

/* What a packet is to have. */
struct ends {
  struct address source;
  struct address destination;
  __u16 source_port; /* network byte order */
  __u16 destination_port;
};

/* Both checksums of the TCP header: one that is still to be made by the card has only the addresses in it. */
static __always_inline void correct_tcp(struct __sk_buff *skb, const struct packet *p, const struct ends *to, __u64 addresses) {
  __u32 at = p->transport + TCP_CHECKSUM;
  __u32 old_ports = p->source_port | (__u32)p->destination_port << 16;
  __u32 new_ports = to->source_port | (__u32)to->destination_port << 16;
  bpf_l4_csum_replace(skb, at, 0, folded(addresses), BPF_F_PSEUDO_HDR);
  if (old_ports != new_ports) bpf_l4_csum_replace(skb, at, old_ports, new_ports, sizeof(new_ports));
}

/* IPv4 without options, the headers in the first piece. False, as below: it has no hop left, and nothing was changed. */
static __always_inline bool rewrite_common(struct __sk_buff *skb, const struct packet *p, const struct ends *to, __u64 addresses) {
  void *data = (void *)(long)skb->data;
  void *end = (void *)(long)skb->data_end;
  struct iphdr *ip = data + ETH_HLEN;
  __u16 *ports = (void *)(ip + 1);
  if ((void *)(ports + 2) > end || ip->ttl < 2) return false;
  ip->ttl--;
  /* The field of 16 bits that the hops share with the protocol grew less by 0x0100. */
  ip->check = ~folded_twice((__u64)(__u16)~ip->check + folded(addresses) + (__u16)~bpf_htons(0x0100));
  ip->saddr = to->source.words[3];
  ip->daddr = to->destination.words[3];
  ports[0] = to->source_port;
  ports[1] = to->destination_port;
  return true;
}

/*
 * The network's header of any other packet. Where its checksum does not make up for it, what the card found the sum of the
 * packet to be (CHECKSUM_COMPLETE) changes too.
 */
static __always_inline bool rewrite_network(struct __sk_buff *skb, __u32 network, const struct ends *to, __u64 addresses) {
  __u8 hops;
  if (is_ipv4(&to->destination)) {
    __u32 hops_at = network + offsetof(struct iphdr, ttl);
    __u32 sum_at = network + offsetof(struct iphdr, check);
    __u32 both[2] = {to->source.words[3], to->destination.words[3]};
    if (bpf_skb_load_bytes(skb, hops_at, &hops, 1) || hops < 2) return false;
    hops--;
    bpf_l3_csum_replace(skb, sum_at, 0, folded(addresses), 0);
    bpf_l3_csum_replace(skb, sum_at, bpf_htons(0x0100), 0, 2);
    bpf_skb_store_bytes(skb, hops_at, &hops, 1, 0);
    return bpf_skb_store_bytes(skb, network + offsetof(struct iphdr, saddr), both, sizeof(both), 0) == 0;
  }
  __u32 hops_at = network + offsetof(struct ipv6hdr, hop_limit);
  if (bpf_skb_load_bytes(skb, hops_at, &hops, 1) || hops < 2) return false;
  hops--;
  bpf_skb_store_bytes(skb, hops_at, &hops, 1, BPF_F_RECOMPUTE_CSUM);
  return bpf_skb_store_bytes(skb, network + offsetof(struct ipv6hdr, saddr), &to->source, 2 * sizeof(to->source),
                             BPF_F_RECOMPUTE_CSUM) == 0;
}

static __always_inline bool rewrite_rare(struct __sk_buff *skb, const struct packet *p, const struct ends *to, __u64 addresses) {
  __u32 ports = to->source_port | (__u32)to->destination_port << 16;
  if (!rewrite_network(skb, p->network, to, addresses)) return false;
  return bpf_skb_store_bytes(skb, p->transport, &ports, sizeof(ports), 0) == 0;
}

static __always_inline bool is_common(const struct packet *p) {
  return p->transport == ETH_HLEN + sizeof(struct iphdr);
}

/* Sends it on by that interface, to the neighbour that routes name for its new destination. */
__noinline int translate(struct __sk_buff *skb, const struct packet *p, const struct ends *to, __u32 interface) {
  if (!p || !to) return TC_ACT_SHOT;
  __u64 addresses = difference(&p->source, &to->source) + difference(&p->destination, &to->destination);
  bool rewritten = is_common(p) ? rewrite_common(skb, p, to, addresses) : rewrite_rare(skb, p, to, addresses);
  if (!rewritten) return answer(skb, p, 0);
  correct_tcp(skb, p, to, addresses);
  skb->mark = MARK_TRANSLATED;
  return bpf_redirect_neigh(interface, NULL, 0, 0);
}

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Fragments of packets that go the short way. The first one has the ports, is translated as a whole packet is, and leaves a
 * note of what the later ones become. Those that come before it, or after the note is gone, are left to the stack, for
 * they may be conntrack's; then the whole packet is lost, and its end sends it again.
 */
#pragma once
#include "rewrite.h"

#define MOST_FRAGMENTED 4096 /* packets of which later fragments are awaited; a note that is pushed out costs a packet */
#define FRAGMENTS_NS (30 * SECOND_NS) /* as long as the kernel by itself waits (ipfrag_time): then the number is another's */

#define IPPROTO_FRAGMENT_V6 44

struct fragment_key {
  struct address source;
  struct address destination;
  __u32 id;
};

struct fragment_way {
  struct ends to;
  __u32 interface;
  __u64 until_ns;
};

MAP(BPF_MAP_TYPE_LRU_HASH, MOST_FRAGMENTED, struct fragment_key, struct fragment_way, fragments);

/* A global function for its room on the stack. */
__noinline int note_fragment(const struct packet *p, const struct ends *to, __u32 interface) {
  if (!p || !to) return 0;
  struct fragment_key key = {.source = p->source, .destination = p->destination, .id = p->id};
  struct fragment_way way = {.to = *to, .interface = interface, .until_ns = bpf_ktime_get_coarse_ns() + FRAGMENTS_NS};
  bpf_map_update_elem(&fragments, &key, &way, BPF_ANY);
  return 1;
}

struct fragment_header {
  __u8 next;
  __u8 reserved;
  __u16 offset;
  __u32 id;
};

/* Whether it is a later fragment of a packet of TCP. */
static __always_inline bool read_fragment(struct __sk_buff *skb, struct fragment_key *key) {
  if (skb->protocol == bpf_htons(ETH_P_IP)) {
    struct iphdr ip;
    if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.version != 4) return false;
    if (!(ip.frag_off & bpf_htons(FRAGMENT_OFFSET)) || ip.protocol != IPPROTO_TCP) return false;
    set_ipv4(&key->source, ip.saddr);
    set_ipv4(&key->destination, ip.daddr);
    key->id = ip.id;
    return true;
  }
  /* Without headers before the one that says so: whole packets of TCP hardly have any, and fragments of them hardly exist. */
  struct {
    struct ipv6hdr ip;
    struct fragment_header fragment;
  } six;
  if (bpf_skb_load_bytes(skb, ETH_HLEN, &six, sizeof(six)) || six.ip.version != 6) return false;
  if (six.ip.nexthdr != IPPROTO_FRAGMENT_V6 || six.fragment.next != IPPROTO_TCP) return false;
  if (!(six.fragment.offset & bpf_htons(0xfff8))) return false;
  __builtin_memcpy(&key->source, &six.ip.saddr, sizeof(key->source));
  __builtin_memcpy(&key->destination, &six.ip.daddr, sizeof(key->destination));
  key->id = six.fragment.id;
  return true;
}

/* A later fragment goes where its first one went; GO_ON: it is none, or nothing is known of that. */
__noinline int translate_fragment(struct __sk_buff *skb) {
  struct fragment_key key = {};
  if (!read_fragment(skb, &key)) return GO_ON;
  struct fragment_way *found = bpf_map_lookup_elem(&fragments, &key);
  if (!found || found->until_ns < bpf_ktime_get_coarse_ns()) return GO_ON;
  /* Copied: another packet's may take its place. */
  struct fragment_way way = *found;
  __u64 addresses = difference(&key.source, &way.to.source) + difference(&key.destination, &way.to.destination);
  if (!rewrite_network(skb, ETH_HLEN, &way.to, addresses)) return TC_ACT_SHOT;
  skb->mark = MARK_TRANSLATED;
  return bpf_redirect_neigh(way.interface, NULL, 0, 0);
}

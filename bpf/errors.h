/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * ICMP errors about packets that were translated here: whoever sent the packet is told, in the addresses that it knows. The
 * connection is found by the packet that the error quotes. What is torn, strange, or of no such connection goes on to the
 * stack as it is. No error ends a connection here: its end judges what it is told (RFC 5927).
 */
#pragma once
#include "fragments.h"
#include "short.h"

#define ICMP_PARAMETER_PROBLEM 12
#define ICMPV6_PARAMETER_PROBLEM 4

#define QUOTED_TCP 8 /* bytes of it that every error has (RFC 792): ports and sequence number */

/* The outer header (`transport` is the ICMP header, `payload` what it begins) and the quoted one. */
struct error {
  struct packet outer;
  struct packet quoted;
};

/* What becomes of an error. */
struct retelling {
  struct ends outer;
  struct ends quoted;
  __u32 interface;
  __u32 mtu;
};

/* A header of IPv4 or of IPv6 without extensions. `payload` is what follows, by what it says itself. */
static __always_inline bool read_network(struct __sk_buff *skb, __u32 at, bool v4, struct packet *p) {
  p->network = at;
  if (!v4) {
    struct ipv6hdr ip;
    if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)) || ip.version != 6) return false;
    __builtin_memcpy(&p->source, &ip.saddr, sizeof(p->source));
    __builtin_memcpy(&p->destination, &ip.daddr, sizeof(p->destination));
    p->protocol = ip.nexthdr;
    p->transport = at + sizeof(ip);
    p->payload = bpf_ntohs(ip.payload_len);
    return true;
  }
  struct iphdr ip;
  if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5) return false;
  /* A fragment is no whole error, and a later one that is quoted has no ports. */
  if (ip.frag_off & bpf_htons(FRAGMENT_OFFSET | (p->fragment ? 0 : IP_MF))) return false;
  set_ipv4(&p->source, ip.saddr);
  set_ipv4(&p->destination, ip.daddr);
  p->protocol = ip.protocol;
  p->transport = at + ip.ihl * 4;
  __u32 total = bpf_ntohs(ip.tot_len);
  if (total < ip.ihl * 4) return false;
  p->payload = total - ip.ihl * 4;
  return true;
}

static __always_inline bool is_error(bool v4, __u8 type) {
  if (v4) return type == ICMP_UNREACHABLE || type == ICMP_NO_HOP_LEFT || type == ICMP_PARAMETER_PROBLEM;
  return type >= 1 && type <= ICMPV6_PARAMETER_PROBLEM;
}

/* True: it is an error about a packet of TCP. */
static __always_inline bool read_error(struct __sk_buff *skb, struct error *e) {
  bool v4 = skb->protocol == bpf_htons(ETH_P_IP);
  struct packet *outer = &e->outer;
  struct packet *q = &e->quoted;
  struct icmp_header icmp;
  if (!read_network(skb, ETH_HLEN, v4, outer)) return false;
  if (outer->protocol != (v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) return false;
  if (bpf_skb_load_bytes(skb, outer->transport, &icmp, sizeof(icmp)) || !is_error(v4, icmp.type)) return false;
  q->fragment = 1; /* may be quoted */
  if (!read_network(skb, outer->transport + sizeof(icmp), v4, q) || q->protocol != IPPROTO_TCP) return false;
  if (q->transport + QUOTED_TCP > outer->transport + outer->payload) return false;
  /* It is told to who sent what it is about. */
  if (!same_address(&outer->destination, &q->source)) return false;
  struct {
    __u16 source_port;
    __u16 destination_port;
    __u32 seq;
  } tcp;
  if (bpf_skb_load_bytes(skb, q->transport, &tcp, sizeof(tcp))) return false;
  q->source_port = tcp.source_port;
  q->destination_port = tcp.destination_port;
  q->seq = bpf_ntohl(tcp.seq);
  return true;
}

/* Whether it is translated here, and is where such a packet may have been a moment ago (RFC 5927 section 4.1). */
static __always_inline bool is_about(const struct connection *c, const struct packet *quoted, bool of_client) {
  if (!c || !(c->state & SHORT) || is_forgotten(c)) return false;
  if (!of_client && !(c->state & ANSWERED)) return false;
  __u32 known = of_client ? c->client_next : c->server_next;
  return quoted->seq - known + RESET_WINDOW < 2 * RESET_WINDOW;
}

/*
 * From the servers' side: about what the client sent. Whoever says it, a router or the server, it comes from the VIP then,
 * as conntrack would have it: routers behind us may have addresses that say nothing to a client, or that a filter on the
 * way to it takes for forged.
 */
static __always_inline bool tell_client(const struct packet *quoted, struct retelling *to) {
  struct way_key way = {.server = quoted->destination,
                        .source = quoted->source,
                        .server_port = quoted->destination_port,
                        .source_port = quoted->source_port};
  struct connection_key *found = bpf_map_lookup_elem(&ways, &way);
  if (!found) return false;
  struct connection_key key = *found;
  struct connection *c = bpf_map_lookup_elem(&connections, &key);
  if (!is_about(c, quoted, true) || !same_way(&way, &c->way)) return false;
  to->outer.source = key.vip;
  to->outer.destination = key.client;
  to->quoted.source = key.client;
  to->quoted.destination = key.vip;
  to->quoted.source_port = key.client_port;
  to->quoted.destination_port = key.vip_port;
  to->interface = c->client_interface;
  to->mtu = c->mtu;
  return true;
}

/*
 * From the clients' side: about what the server sent. With full-NAT it comes from the source, for the same reason; with
 * half-NAT the server knows clients by their own addresses, and may know routers by theirs.
 */
static __always_inline bool tell_server(const struct error *e, struct retelling *to) {
  struct connection_key key = {.client = e->quoted.destination,
                               .vip = e->quoted.source,
                               .client_port = e->quoted.destination_port,
                               .vip_port = e->quoted.source_port,
                               .protocol = IPPROTO_TCP};
  struct connection *c = bpf_map_lookup_elem(&connections, &key);
  if (!is_about(c, &e->quoted, false)) return false;
  to->outer.source = same_address(&c->way.source, &key.client) ? e->outer.source : c->way.source;
  to->outer.destination = c->way.server;
  to->quoted.source = c->way.server;
  to->quoted.destination = c->way.source;
  to->quoted.source_port = c->way.server_port;
  to->quoted.destination_port = c->way.source_port;
  to->interface = c->server_interface;
  to->mtu = c->mtu;
  return true;
}

/*
 * The quoted packet becomes the one that was sent. What that changes in the error's own sum: of IPv4 nothing by addresses,
 * for the quoted header's checksum makes up for them.
 */
static __always_inline __u64 rewrite_quote(struct __sk_buff *skb, const struct error *e, const struct ends *to) {
  const struct packet *q = &e->quoted;
  __u64 addresses = difference(&q->source, &to->source) + difference(&q->destination, &to->destination);
  __u32 old_ports = q->source_port | (__u32)q->destination_port << 16;
  __u32 new_ports = to->source_port | (__u32)to->destination_port << 16;
  __u64 ports = (__u64)new_ports + (__u32)~old_ports;
  __u64 change = ports;
  if (is_ipv4(&q->source)) {
    __u32 both[2] = {to->source.words[3], to->destination.words[3]};
    bpf_l3_csum_replace(skb, q->network + offsetof(struct iphdr, check), 0, folded(addresses), 0);
    bpf_skb_store_bytes(skb, q->network + offsetof(struct iphdr, saddr), both, sizeof(both), 0);
  } else {
    bpf_skb_store_bytes(skb, q->network + offsetof(struct ipv6hdr, saddr), &to->source, 2 * sizeof(to->source), 0);
    change += folded(addresses);
  }
  bpf_skb_store_bytes(skb, q->transport, &new_ports, sizeof(new_ports), 0);
  /* If so much of it is quoted. */
  __u32 sum_at = q->transport + TCP_CHECKSUM;
  __u16 was;
  if (sum_at + sizeof(was) > e->outer.transport + e->outer.payload) return change;
  if (bpf_skb_load_bytes(skb, sum_at, &was, sizeof(was))) return change;
  __u16 now = ~folded_twice((__u64)(__u16)~was + folded(addresses) + folded(ports));
  bpf_skb_store_bytes(skb, sum_at, &now, sizeof(now), 0);
  return change + now + (__u16)~was;
}

/* An error about a packet that was translated here is translated the other way round, and sent on. */
__noinline int translate_error(struct __sk_buff *skb) {
  struct error e = {};
  struct retelling to = {};
  if (!read_error(skb, &e)) return TC_ACT_UNSPEC;
  if (!tell_client(&e.quoted, &to) && !tell_server(&e, &to)) return TC_ACT_UNSPEC;
  if (skb->len - ETH_HLEN > to.mtu) return TC_ACT_UNSPEC;
  __u64 addresses = difference(&e.outer.source, &to.outer.source) + difference(&e.outer.destination, &to.outer.destination);
  if (!rewrite_network(skb, ETH_HLEN, &to.outer, addresses)) return TC_ACT_SHOT;
  __u32 sum_at = e.outer.transport + offsetof(struct icmp_header, checksum);
  /* The checksum of ICMPv6 is over the addresses too (RFC 4443 section 2.3). */
  if (!is_ipv4(&e.outer.source)) bpf_l4_csum_replace(skb, sum_at, 0, folded(addresses), BPF_F_PSEUDO_HDR);
  bpf_l4_csum_replace(skb, sum_at, 0, folded(rewrite_quote(skb, &e, &to.quoted)), 0);
  skb->mark = MARK_TRANSLATED;
  return bpf_redirect_neigh(to.interface, NULL, 0, 0);
}

/* What is neither whole TCP nor whole UDP. */
static __always_inline int other_packet(struct __sk_buff *skb) {
  if (!is_plain(skb)) return TC_ACT_UNSPEC;
  int verdict = translate_fragment(skb);
  return verdict == GO_ON ? translate_error(skb) : verdict;
}

// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Decides and counts; nftables and conntrack translate. A packet that opens a connection gets a mark that names the
 * server, and our table in nftables turns marks into addresses. Packets of open connections are only looked at.
 *
 *   from_clients  TC ingress of the clients' side, before translation: VIP → service → choose → connection → mark
 *   to_clients    TC egress of the clients' side, after it was undone: the same tuple the other way round
 *   sweep         on demand: idle connections end, ended ones are removed
 *   finish        on demand: one connection ends
 *   adopt         on demand: persistence and limits that come later know who is there
 */
#include <linux/pkt_cls.h>
#include "adopt.h"
#include "direct.h"
#include "errors.h"
#include "finish.h"
#include "sweep.h"
#include "short.h"

/* Beside what TC knows: the packet belongs to no connection of this side. */
#define NOT_OURS -2

static __always_inline bool is_syn(const struct packet *p) {
  return p->protocol == IPPROTO_TCP && (p->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

static __always_inline bool read_packet(struct __sk_buff *skb, struct packet *p) {
  return parse_common(skb, p) || parse(skb, p) == 0;
}

/* A SYN, or a datagram of no flow: its VIP and port say which service it is for. */
static __always_inline int first_packet(struct __sk_buff *skb, const struct connection_key *key, const struct packet *p) {
  struct vip *vip = vip_of(&p->destination, p->protocol);
  const struct port_range *range = vip ? range_of(vip, bpf_ntohs(p->destination_port)) : NULL;
  if (!range) return TC_ACT_UNSPEC;
  __u32 mark = open(skb, key, range, p->seq);
  if (mark == MARK_LATER) return TC_ACT_SHOT;
  struct connection *c = mark == MARK_REFUSED ? NULL : bpf_map_lookup_elem(&connections, key);
  if (c && !(c->state & DONE)) follow(key, c, p, true);
  if (c && (c->state & DIRECT)) return send_on(skb, c, p);
  if (c && (c->state & SHORT)) return to_server(skb, c, p);
  skb->mark = mark;
  return TC_ACT_UNSPEC;
}

/* Packets of open connections are by far the most: for them it is one look into one table. */
__noinline int from_client(struct __sk_buff *skb, const struct packet *p) {
  if (!p) return NOT_OURS;
  struct connection_key key = {.client = p->source,
                               .vip = p->destination,
                               .client_port = p->source_port,
                               .vip_port = p->destination_port,
                               .protocol = p->protocol};
  if (is_syn(p)) return first_packet(skb, &key, p);
  struct connection *c = bpf_map_lookup_elem(&connections, &key);
  bool is_open = c && !(c->state & DONE);
  if (!is_open && p->protocol == IPPROTO_UDP) return first_packet(skb, &key, p);
  if (!c) return NOT_OURS;
  if (is_open) follow(&key, c, p, true);
  if (c->state & SHORT) return to_server(skb, c, p);
  if (c->state & DIRECT) return send_on(skb, c, p);
  /* Conntrack may have forgotten a flow that is known here. */
  if (p->protocol == IPPROTO_UDP) skb->mark = c->mark;
  return TC_ACT_UNSPEC;
}

/* A server's packet of a connection that goes the short way. */
__noinline int from_server(struct __sk_buff *skb, const struct packet *p) {
  if (!p || p->protocol != IPPROTO_TCP) return NOT_OURS;
  struct way_key way = {.server = p->source,
                        .source = p->destination,
                        .server_port = p->source_port,
                        .source_port = p->destination_port};
  struct connection_key *found = bpf_map_lookup_elem(&ways, &way);
  if (!found) return NOT_OURS;
  /* Copied: its place in the map is another connection's as soon as this one is removed. */
  struct connection_key key = *found;
  struct connection *c = bpf_map_lookup_elem(&connections, &key);
  if (!c || !(c->state & SHORT) || !same_way(&way, &c->way)) return NOT_OURS;
  if (!(c->state & DONE)) follow(&key, c, p, false);
  return to_client(skb, &key, c, p);
}

SEC("tc")
int from_clients(struct __sk_buff *skb) {
  struct packet p = {};
  if (!read_packet(skb, &p)) return other_packet(skb);
  __u32 zero = 0;
  struct place *place = bpf_map_lookup_elem(&places, &zero);
  bool servers_first = place && place->of_servers == skb->ifindex && !is_syn(&p);
  int done = servers_first ? from_server(skb, &p) : NOT_OURS;
  if (done == NOT_OURS) done = from_client(skb, &p);
  if (done == NOT_OURS && !servers_first) done = from_server(skb, &p);
  return done == NOT_OURS ? TC_ACT_UNSPEC : done;
}

SEC("tc")
int to_clients(struct __sk_buff *skb) {
  if (skb->mark == MARK_TRANSLATED) {
    skb->mark = 0;
    return TC_ACT_UNSPEC;
  }
  struct packet p = {};
  if (!read_packet(skb, &p)) return TC_ACT_UNSPEC;
  struct connection_key key = {.client = p.destination,
                               .vip = p.source,
                               .client_port = p.destination_port,
                               .vip_port = p.source_port,
                               .protocol = p.protocol};
  struct connection *c = bpf_map_lookup_elem(&connections, &key);
  if (c && !(c->state & DONE)) follow(&key, c, &p, false);
  return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

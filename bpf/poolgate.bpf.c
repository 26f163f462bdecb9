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
#include "finish.h"
#include "sweep.h"

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
  __u32 mark = open(key, range, p->seq);
  if (mark == MARK_LATER) return TC_ACT_SHOT;
  struct connection *c = mark == MARK_REFUSED ? NULL : bpf_map_lookup_elem(&connections, key);
  if (c && !(c->state & DONE)) follow(key, c, p, true);
  if (c && (c->state & DIRECT)) return send_on(skb, c, p);
  skb->mark = mark;
  return TC_ACT_UNSPEC;
}

/* Packets of open connections are by far the most: for them it is one look into one table. */
SEC("tc")
int from_clients(struct __sk_buff *skb) {
  struct packet p = {};
  if (!read_packet(skb, &p)) return TC_ACT_UNSPEC;
  struct connection_key key = {.client = p.source,
                               .vip = p.destination,
                               .client_port = p.source_port,
                               .vip_port = p.destination_port,
                               .protocol = p.protocol};
  if (is_syn(&p)) return first_packet(skb, &key, &p);
  struct connection *c = bpf_map_lookup_elem(&connections, &key);
  bool is_open = c && !(c->state & DONE);
  if (!is_open && p.protocol == IPPROTO_UDP) return first_packet(skb, &key, &p);
  if (!c) return TC_ACT_UNSPEC;
  if (is_open) follow(&key, c, &p, true);
  if (c->state & DIRECT) return send_on(skb, c, &p);
  /* Conntrack may have forgotten a flow that is known here. */
  if (p.protocol == IPPROTO_UDP) skb->mark = c->mark;
  return TC_ACT_UNSPEC;
}

SEC("tc")
int to_clients(struct __sk_buff *skb) {
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

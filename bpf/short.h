/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Packets of a connection that goes the short way, from either end to the other. */
#pragma once
#include "fragments.h"
#include "mss.h"
#include "rewrite.h"

/*
 * What ran out of time or was ended by somebody's word is answered by this machine, which has VIP and source and knows no
 * such connection: by a reset. After any other end either side may have something to repeat.
 */
static __always_inline bool is_forgotten(const struct connection *c) {
  return c->state & (EXPIRED | COMMANDED | MOVED);
}

/*
 * After the end of both: who has acknowledged the other's FIN has all that was ever said, and repeats nothing that matters;
 * after a reset nobody repeats anything. Until then something may be lost behind us and be sent again, and the sweep leaves
 * the connection its way.
 */
static __always_inline void note_last_words(struct connection *c, const struct packet *p, bool from_client) {
  __u32 said = from_client ? c->server_next : c->client_next;
  __u32 news = 0;
  if ((p->flags & TCP_ACK) && p->ack == said) news = from_client ? CLIENT_HAS_ALL : SERVER_HAS_ALL;
  if ((p->flags & TCP_RST) && is_plausible(c, p, from_client)) news = BOTH_HAVE_ALL;
  if ((c->state & news) == news) return;
  bpf_spin_lock(&c->lock);
  /* Not of the next one, which may have begun in its place. */
  if (c->state & DONE) c->state |= news;
  bpf_spin_unlock(&c->lock);
}

/* Longer than the way through us takes whole. */
static __always_inline bool is_long(struct __sk_buff *skb, const struct connection *c, const struct packet *p) {
  return skb->len > c->mtu + p->network;
}

/* One comparison for all that hardly any packet is. */
static __always_inline bool is_special(struct __sk_buff *skb, const struct connection *c, const struct packet *p) {
  return (p->flags & TCP_SYN) | p->fragment | !is_plain(skb) | is_long(skb, c, p);
}

/* What goes on the wire at once: of several packets that came together, the largest. */
static __always_inline __u32 size_on_wire(struct __sk_buff *skb, const struct packet *p) {
  __u32 size = skb->len - p->network;
  if (skb->gso_size == 0) return size;
  __u32 headers = size - p->payload;
  /* More than 64 KB of IPv6 have an option with their length (RFC 2675), which the kernel takes out before they leave. */
  if (size > 0xffff && !is_ipv4(&p->source)) headers -= 8;
  return headers + skb->gso_size;
}

/*
 * A packet that is special. The MTU of the connection is the smaller one of both ways, as it was when it began: what is
 * larger may still fit. GO_ON: it is to be translated; or what becomes of it.
 */
__noinline int look_closely(struct __sk_buff *skb, const struct packet *p, const struct ends *to, __u32 interface, __u32 mtu) {
  if (!p || !to) return TC_ACT_SHOT;
  if (!is_plain(skb)) return TC_ACT_UNSPEC;
  if (size_on_wire(skb, p) > mtu) {
    struct route now = route_towards(skb, skb->ifindex, &to->source, &to->destination);
    if (now.interface != interface) now.mtu = mtu_of(skb, interface);
    if (size_on_wire(skb, p) > now.mtu) return answer(skb, p, now.mtu);
  }
  if (p->flags & TCP_SYN) clamp_mss(skb, p, mtu);
  if (p->fragment) note_fragment(p, to, interface);
  return GO_ON;
}

static __always_inline int send_short(struct __sk_buff *skb, struct connection *c, const struct packet *p,
                                      const struct ends *to, bool from_client) {
  __u32 interface = from_client ? c->server_interface : c->client_interface;
  if (c->state & DONE) {
    if (is_forgotten(c)) return TC_ACT_UNSPEC;
    note_last_words(c, p, from_client);
  }
  if (is_special(skb, c, p)) {
    int verdict = look_closely(skb, p, to, interface, c->mtu);
    if (verdict != GO_ON) return verdict;
  }
  return translate(skb, p, to, interface);
}

static __always_inline int to_server(struct __sk_buff *skb, struct connection *c, const struct packet *p) {
  struct ends to = {.source = c->way.source,
                    .destination = c->way.server,
                    .source_port = c->way.source_port,
                    .destination_port = c->way.server_port};
  return send_short(skb, c, p, &to, true);
}

static __always_inline int to_client(struct __sk_buff *skb, const struct connection_key *key, struct connection *c,
                                     const struct packet *p) {
  struct ends to = {.source = key->vip,
                    .destination = key->client,
                    .source_port = key->vip_port,
                    .destination_port = key->client_port};
  return send_short(skb, c, p, &to, false);
}

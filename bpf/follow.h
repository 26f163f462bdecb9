/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What packets of an open connection tell of it: bytes, activity, sequence numbers, how far the handshake is, and the end. */
#pragma once
#include "connections.h"
#include "parse.h"

/*
 * A reset of somebody who forges addresses would count a connection down that goes on (RFC 5961 section 3; conntrack drops
 * it later). A server that refuses has sent nothing before, and its reset has no number of its own.
 */
#define RESET_WINDOW (1u << 22)

static __always_inline bool is_plausible(const struct connection *c, const struct packet *p, bool from_client) {
  if (!from_client && !(c->state & ANSWERED)) return true;
  __u32 known = from_client ? c->client_next : c->server_next;
  return p->seq - known + RESET_WINDOW < 2 * RESET_WINDOW;
}

/* How far the handshake is: until it is over the connection has less time. */
static __always_inline void shake_hands(struct connection *c, const struct packet *p, bool from_client) {
  __u32 news = from_client ? ESTABLISHED : ANSWERED;
  if (c->state & news) return;
  if (from_client ? !(c->state & ANSWERED) : !(p->flags & TCP_SYN)) return;
  bpf_spin_lock(&c->lock);
  c->state |= news;
  bpf_spin_unlock(&c->lock);
}

/*
 * The server answers another SYN than the one that its connection began with: conntrack had forgotten that connection, and
 * so let the client's new one through. It stands at the same server, where the old one did.
 */
static __always_inline void stand_in(struct connection *c, const struct packet *p) {
  __u64 now = bpf_ktime_get_ns();
  bpf_spin_lock(&c->lock);
  if (!(c->state & DONE) && c->client_first != p->ack - 1) {
    c->client_first = p->ack - 1;
    c->client_next = p->ack;
    c->server_next = p->seq + 1;
    c->active_ns = now;
    c->state = ANSWERED;
  }
  bpf_spin_unlock(&c->lock);
}

/* Of a server that answers past us is known what its client says that it has got. */
static __always_inline void estimate(struct connection *c, const struct packet *p) {
  if (!(c->state & ESTABLISHED)) {
    c->server_next = p->ack;
    bpf_spin_lock(&c->lock);
    c->state |= ANSWERED | ESTABLISHED;
    bpf_spin_unlock(&c->lock);
    return;
  }
  __u32 news = p->ack - c->server_next;
  if (news == 0 || news > RESET_WINDOW * 256) return;
  c->server_next = p->ack;
  c->active_ns = bpf_ktime_get_coarse_ns();
  __sync_fetch_and_add(&c->bytes_out, news);
}

/* Payload that was not there before, and alone is activity. A tick of the clock is near enough. */
static __always_inline void add_payload(struct connection *c, __u32 bytes, bool from_client) {
  c->active_ns = bpf_ktime_get_coarse_ns();
  __sync_fetch_and_add(from_client ? &c->bytes_in : &c->bytes_out, bytes);
}

/*
 * Notes how far this end is. Packets sent again do not take it back (RFC 9293 section 3.4: numbers wrap), and their bytes
 * count once, as those do that come in another order.
 */
static __always_inline void advance(struct connection *c, const struct packet *p, bool from_client) {
  __u32 next = p->seq + p->payload + ((p->flags & (TCP_SYN | TCP_FIN)) ? 1 : 0);
  __u32 *known = from_client ? &c->client_next : &c->server_next;
  __s32 news = next - *known;
  if (!from_client && !(c->state & ANSWERED)) {
    *known = next;
  } else if (news > 0) {
    *known = next;
    /* A leap that no window allows is no payload. */
    __u32 bytes = news < RESET_WINDOW * 256 ? news - ((p->flags & TCP_FIN) ? 1 : 0) : p->payload;
    if (bytes > 0) add_payload(c, bytes, from_client);
  }
}

/* A packet of an open connection: bytes, sequence numbers, and its end. */
static __always_inline void follow(const struct connection_key *key, struct connection *c, const struct packet *p, bool from_client) {
  __u64 opened = c->opened_ns;
  if (p->protocol != IPPROTO_TCP) {
    if (p->payload > 0) add_payload(c, p->payload, from_client);
    return;
  }
  if (p->flags & TCP_RST) {
    if (is_plausible(c, p, from_client)) end(key, opened, from_client ? CLIENT_RESET : SERVER_RESET);
    return;
  }
  /* A client's SYN was judged when it opened, or did not. */
  if (from_client && (p->flags & TCP_SYN)) return;
  if (from_client && (c->state & DIRECT)) estimate(c, p);
  if ((p->flags & TCP_SYN) && (c->state & ESTABLISHED)) stand_in(c, p);
  advance(c, p, from_client);
  shake_hands(c, p, from_client);
  if (p->flags & TCP_FIN) end(key, opened, from_client ? CLIENT_ENDED : SERVER_ENDED);
}

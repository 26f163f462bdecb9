/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Packets of a connection that goes the short way, from either end to the other. */
#pragma once
#include "rewrite.h"

/*
 * What ran out of time or was ended by somebody's word is answered by this machine, which has VIP and source and knows no
 * such connection: by a reset. After any other end either side may have something to repeat.
 */
static __always_inline bool is_forgotten(const struct connection *c) {
  return (c->state & DONE) && (c->state & (EXPIRED | COMMANDED | MOVED));
}

static __always_inline int to_server(struct __sk_buff *skb, const struct connection_key *key, const struct connection *c,
                                     const struct packet *p) {
  if (is_forgotten(c)) return TC_ACT_UNSPEC;
  struct ends to = {.source = c->way.source,
                    .destination = c->way.server,
                    .source_port = c->way.source_port,
                    .destination_port = c->way.server_port};
  return translate(skb, p, &to, c->server_interface);
}

static __always_inline int to_client(struct __sk_buff *skb, const struct connection_key *key, const struct connection *c,
                                     const struct packet *p) {
  if (is_forgotten(c)) return TC_ACT_UNSPEC;
  struct ends to = {.source = key->vip,
                    .destination = key->client,
                    .source_port = key->vip_port,
                    .destination_port = key->client_port};
  return translate(skb, p, &to, c->client_interface);
}

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Direct server return: a packet goes on to its server with nothing changed but the address on the link, which the kernel's
 * table of neighbours knows. The server has the VIP itself, and answers past us: what it says is only known by what its
 * client acknowledges. The hop limit stays as it is, as on a switch; what comes back here is no packet of a client.
 */
#pragma once
#include <linux/pkt_cls.h>
#include "follow.h"
#include "way.h"

static __always_inline int redirect_to(struct __sk_buff *skb, const struct address *server) {
  struct bpf_redir_neigh hop = {.nh_family = AF_INET6};
  if (is_ipv4(server)) {
    hop.nh_family = AF_INET;
    hop.ipv4_nh = server->words[3];
  } else {
    __builtin_memcpy(hop.ipv6_nh, server, sizeof(hop.ipv6_nh));
  }
  return bpf_redirect_neigh(skb->ifindex, &hop, sizeof(hop), 0);
}

/*
 * Also after the end that was seen: the server may have more to say, and its client answers that. But what ran out of time
 * or was ended by somebody's word is answered by this machine, which has the VIP and knows no such connection: by a reset.
 * The reset that a client sends reaches the server in any case.
 */
static __always_inline int send_on(struct __sk_buff *skb, struct connection *c, const struct packet *p) {
  if (c->state & DONE) {
    if ((c->state & (EXPIRED | COMMANDED)) && !(p->flags & TCP_RST)) return TC_ACT_UNSPEC;
    c->done_ns = bpf_ktime_get_coarse_ns();
  }
  __u32 number = c->pool;
  struct pool *pool = bpf_map_lookup_elem(&pools, &number);
  if (!pool) return TC_ACT_SHOT;
  return redirect_to(skb, &pool->servers[position(c->server, MAX_SERVERS)].address);
}

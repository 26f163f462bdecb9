/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The short way: a TCP connection of which both ends are reached by interfaces that have our programs is translated by
 * them and handed from one interface to the other, past routing, netfilter and conntrack. Which way a connection goes is
 * decided by its first packet and stays so; what cannot go here goes by nftables and conntrack, as all of UDP does.
 */
#pragma once
#include <linux/in.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include "choose.h"

#define AF_INET 2
#define AF_INET6 10

/* Errors of bpf(2). */
#define EEXIST 17

/* Ports that are tried for one connection, over all addresses: a machine that ran out of them does not search for long. */
#define MOST_TRIES 4096
#define FIRST_FREE_PORT 1024 /* those below are for services */

static __always_inline bool same_address(const struct address *a, const struct address *b) {
  return a->words[3] == b->words[3] && a->words[2] == b->words[2] && a->words[1] == b->words[1] && a->words[0] == b->words[0];
}

static __always_inline bool same_way(const struct way_key *a, const struct way_key *b) {
  return a->source_port == b->source_port && a->server_port == b->server_port && same_address(&a->source, &b->source) &&
         same_address(&a->server, &b->server);
}

/* Where routes lead. */
struct route {
  __u32 interface; /* 0: nowhere, or not through us */
  __u32 mtu;
};

static __always_inline __u32 mtu_of(struct __sk_buff *skb, __u32 interface) {
  __u32 mtu = 0;
  bpf_check_mtu(skb, interface, &mtu, 0, 0);
  return mtu;
}

/* From one address to another, for what comes in by the interface `in`. The MTU is that of the route if it has one. */
static __always_inline struct route route_towards(struct __sk_buff *skb, __u32 in, const struct address *from,
                                                  const struct address *to) {
  struct route none = {};
  /* With a length the kernel looks for the MTU of the route, and leaves it in the length's place. */
  struct bpf_fib_lookup asked = {.ifindex = in, .l4_protocol = IPPROTO_TCP, .tot_len = 1};
  if (is_ipv4(to)) {
    asked.family = AF_INET;
    asked.ipv4_src = from->words[3];
    asked.ipv4_dst = to->words[3];
  } else {
    asked.family = AF_INET6;
    __builtin_memcpy(asked.ipv6_src, from, sizeof(*from));
    __builtin_memcpy(asked.ipv6_dst, to, sizeof(*to));
  }
  long found = bpf_fib_lookup(skb, &asked, sizeof(asked), 0);
  /* That a neighbour is not known yet will be mended by the first packet to it. */
  if (found != BPF_FIB_LKUP_RET_SUCCESS && found != BPF_FIB_LKUP_RET_NO_NEIGH) return none;
  struct route route = {.interface = asked.ifindex, .mtu = asked.mtu_result};
  /* Not told: no neighbour, before Linux 6.9; or the 65,536 of a loopback, which do not fit. */
  if (route.mtu <= 1) route.mtu = mtu_of(skb, route.interface);
  return route;
}

static __always_inline bool is_hooked(const struct place *place, __u32 interface) {
  bool hooked = false;
  for (int i = 0; i < MAX_HOOKED; i++) hooked |= place->hooked[i] == interface;
  return interface != 0 && hooked;
}

/* Whether routes lead through us both ways: notes by which interfaces. */
static __always_inline bool find_interfaces(struct __sk_buff *skb, const struct place *place, const struct connection_key *key,
                                            struct beginning *fresh) {
  struct route server = route_towards(skb, skb->ifindex, &fresh->way.source, &fresh->way.server);
  if (!is_hooked(place, server.interface)) return false;
  struct route client = route_towards(skb, server.interface, &key->vip, &key->client);
  if (!is_hooked(place, client.interface)) return false;
  fresh->server_interface = server.interface;
  fresh->client_interface = client.interface;
  fresh->mtu = server.mtu < client.mtu ? server.mtu : client.mtu;
  return fresh->mtu != 0;
}

/* Of the search for a source port. */
struct search {
  struct connection_key key;
  struct way_key way;
  __u32 service;
  __u32 turn;   /* of the address that comes next */
  __u32 count;  /* addresses */
  __u32 tries;  /* of each */
  __u32 salt;
  __u32 number; /* of the address that is tried */
  __u32 first;
  __u32 size;
  __u32 next;   /* the port that is tried next, from `first` */
  __u32 found;
};

/* Half-NAT: the client's own address, of which this machine takes no port but for connections like this one. */
static __always_inline void take_client(struct search *s, const struct connection_key *key) {
  s->first = FIRST_FREE_PORT;
  s->size = 0x10000 - FIRST_FREE_PORT;
  s->next = (s->salt + bpf_ntohs(key->client_port)) % s->size;
}

/* The next address of the SNAT pool. */
static __always_inline bool next_address(struct search *s) {
  __u32 number = s->service;
  struct service *service = bpf_map_lookup_elem(&services, &number);
  if (!service) return false;
  __u32 at = s->count ? s->turn % s->count : 0;
  KEEP(at);
  s->number = service->sources[at & (MAX_SOURCES - 1)];
  number = s->number;
  const struct source_address *source = bpf_map_lookup_elem(&source_addresses, &number);
  if (!source || source->first_port == 0 || source->last_port < source->first_port) return false;
  if (is_ipv4(&source->address) != is_ipv4(&s->way.server)) return false;
  s->way.source = source->address;
  s->first = source->first_port;
  s->size = source->last_port - source->first_port + 1;
  /* One after another: a port that was given back rests for as long as can be. */
  s->next = (s->salt + s->turn / (s->count ? s->count : 1)) % s->size;
  s->turn++;
  return true;
}

static long try_port(__u32 i, struct search *s) {
  __u32 nth = s->tries ? i % s->tries : 0;
  if (nth == 0 && s->count && !next_address(s)) return 1;
  if (nth >= s->size) return 0;
  s->way.source_port = bpf_htons(s->first + s->next);
  s->next = s->next + 1 < s->size ? s->next + 1 : 0;
  long failed = bpf_map_update_elem(&ways, &s->way, &s->key, BPF_NOEXIST);
  if (failed == -EEXIST) return 0;
  s->found = failed == 0;
  return 1;
}

/* Takes a free port for `fresh`, of the SNAT pool or, half-NAT, of the client: true, or none was found. */
static __always_inline bool take_port(const struct connection_key *key, const struct service *service, const struct place *place,
                                      struct beginning *fresh) {
  __u32 number = fresh->service;
  struct service_state *rotation = bpf_map_lookup_elem(&service_states, &number);
  __u32 count = service->source_count;
  if (!rotation || count > MAX_SOURCES) return false;
  struct search s = {.key = *key, .way = fresh->way, .service = number, .count = count, .salt = place->salt};
  if (count == 0) take_client(&s, key);
  /* Its turn was taken when its mark was made. */
  s.turn = rotation->source_turns[position(fresh->server, MAX_SERVERS)] - 1;
  s.tries = count ? MOST_TRIES / count : MOST_TRIES;
  bpf_loop(MOST_TRIES, try_port, &s, 0);
  if (!s.found) return false;
  fresh->way = s.way;
  if (count) fresh->mark = (fresh->mark & ~(0xffu << 16)) | s.number << 16;
  return true;
}

#define LONG_WAY 0
#define SHORT_WAY 1
#define NO_PORT 2

#define PACKET_HOST 0 /* linux/if_packet.h */

/* Of no virtual network on this interface, and sent to this machine's own address on the link and not to another one's. */
static __always_inline bool is_plain(struct __sk_buff *skb) {
  return (skb->vlan_present | skb->pkt_type) == PACKET_HOST;
}

/* Which way the connection goes that `fresh` begins, and what it takes for the short one. */
__noinline int find_way(struct __sk_buff *skb, const struct connection_key *key, struct beginning *fresh) {
  if (!key || !fresh) return LONG_WAY;
  __u32 number = fresh->service;
  __u32 pool_number = fresh->pool;
  __u32 zero = 0;
  struct service *service = bpf_map_lookup_elem(&services, &number);
  struct pool *pool = bpf_map_lookup_elem(&pools, &pool_number);
  struct place *place = bpf_map_lookup_elem(&places, &zero);
  if (!service || !pool || !place || !is_plain(skb)) return LONG_WAY;
  fresh->way.server = pool->servers[position(fresh->server, MAX_SERVERS)].address;
  fresh->way.server_port = bpf_htons(fresh->server_port);
  fresh->way.source = key->client;
  fresh->way.source_port = key->client_port;
  if (is_ipv4(&fresh->way.server) != is_ipv4(&key->vip)) return LONG_WAY;
  if (!find_interfaces(skb, place, key, fresh)) return LONG_WAY;
  /*
   * Half-NAT: the client's own port, unless it has the same one at another VIP or port that leads to this server. Then
   * another one, as conntrack would do; it does not know of the first connection, and could not tell the two apart.
   */
  bool own = service->source_count == 0 && bpf_map_update_elem(&ways, &fresh->way, key, BPF_NOEXIST) == 0;
  if (!own && !take_port(key, service, place, fresh)) return NO_PORT;
  fresh->state |= SHORT;
  return SHORT_WAY;
}

/* Another connection may have the port from here on. */
static __always_inline void leave_way(__u32 state, const struct way_key *way) {
  if (state & SHORT) bpf_map_delete_elem(&ways, way);
}

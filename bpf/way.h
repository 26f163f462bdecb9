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

static __always_inline bool is_ipv4(const struct address *a) {
  return a->words[0] == 0 && a->words[1] == 0 && a->words[2] == bpf_htonl(0xffff);
}

static __always_inline bool same_address(const struct address *a, const struct address *b) {
  return a->words[3] == b->words[3] && a->words[2] == b->words[2] && a->words[1] == b->words[1] && a->words[0] == b->words[0];
}

static __always_inline bool same_way(const struct way_key *a, const struct way_key *b) {
  return a->source_port == b->source_port && a->server_port == b->server_port && same_address(&a->source, &b->source) &&
         same_address(&a->server, &b->server);
}

#define LARGEST_PACKET 0xffff

/*
 * The interface by which routes lead from one address to another for what comes in by `in`; 0: none, or not through us.
 * Notes what the route takes at most, where that is less than `mtu`.
 */
static __always_inline __u32 interface_towards(struct __sk_buff *skb, __u32 in, const struct address *from,
                                               const struct address *to, __u32 *mtu) {
  struct bpf_fib_lookup route = {.ifindex = in, .l4_protocol = IPPROTO_TCP};
  if (is_ipv4(to)) {
    route.family = AF_INET;
    route.ipv4_src = from->words[3];
    route.ipv4_dst = to->words[3];
  } else {
    route.family = AF_INET6;
    __builtin_memcpy(route.ipv6_src, from, sizeof(*from));
    __builtin_memcpy(route.ipv6_dst, to, sizeof(*to));
  }
  long found = bpf_fib_lookup(skb, &route, sizeof(route), 0);
  /* That a neighbour is not known yet will be mended by the first packet to it. */
  if (found != BPF_FIB_LKUP_RET_SUCCESS && found != BPF_FIB_LKUP_RET_NO_NEIGH) return 0;
  __u32 interface = route.ifindex;
  /* Asked for more than it takes, a route says what it takes. */
  route.ifindex = in;
  route.tot_len = LARGEST_PACKET;
  if (bpf_fib_lookup(skb, &route, sizeof(route), 0) != BPF_FIB_LKUP_RET_FRAG_NEEDED) return interface;
  if (route.mtu_result < *mtu) *mtu = route.mtu_result;
  return interface;
}

static __always_inline bool is_hooked(const struct place *place, __u32 interface) {
  bool hooked = false;
  for (int i = 0; i < MAX_HOOKED; i++) hooked |= place->hooked[i] == interface;
  return interface != 0 && hooked;
}

/* Whether routes lead through us both ways: notes by which interfaces. */
static __always_inline bool find_interfaces(struct __sk_buff *skb, const struct place *place, const struct connection_key *key,
                                            struct beginning *fresh) {
  fresh->mtu = LARGEST_PACKET;
  fresh->server_interface = interface_towards(skb, skb->ifindex, &fresh->way.source, &fresh->way.server, &fresh->mtu);
  if (!is_hooked(place, fresh->server_interface)) return false;
  fresh->client_interface = interface_towards(skb, fresh->server_interface, &key->vip, &key->client, &fresh->mtu);
  return is_hooked(place, fresh->client_interface);
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

static __always_inline bool next_address(struct search *s) {
  __u32 number = s->service;
  struct service *service = bpf_map_lookup_elem(&services, &number);
  if (!service || s->count == 0) return false;
  __u32 at = s->turn % s->count;
  KEEP(at);
  s->number = service->sources[at & (MAX_SOURCES - 1)];
  number = s->number;
  const struct source_address *source = bpf_map_lookup_elem(&source_addresses, &number);
  if (!source || source->first_port == 0 || source->last_port < source->first_port) return false;
  s->way.source = source->address;
  s->first = source->first_port;
  s->size = source->last_port - source->first_port + 1;
  /* One after another: a port that was given back rests for as long as can be. */
  s->next = s->size ? (s->salt + s->turn / s->count) % s->size : 0;
  s->turn++;
  return true;
}

static long try_port(__u32 i, struct search *s) {
  __u32 nth = s->tries ? i % s->tries : 0;
  if (nth == 0 && !next_address(s)) return 1;
  if (nth >= s->size) return 0;
  s->way.source_port = bpf_htons(s->first + s->next);
  s->next = s->next + 1 < s->size ? s->next + 1 : 0;
  long failed = bpf_map_update_elem(&ways, &s->way, &s->key, BPF_NOEXIST);
  if (failed == -EEXIST) return 0;
  s->found = failed == 0;
  return 1;
}

/* Takes a port of an address of the SNAT pool for `fresh`: true, or none is free. */
static __always_inline bool take_port(const struct connection_key *key, const struct service *service, const struct place *place,
                                      struct beginning *fresh) {
  __u32 number = fresh->service;
  struct service_state *rotation = bpf_map_lookup_elem(&service_states, &number);
  __u32 count = service->source_count;
  if (!rotation || count == 0 || count > MAX_SOURCES) return false;
  struct search s = {.key = *key, .way = fresh->way, .service = number, .count = count, .salt = place->salt};
  /* Its turn was taken when its mark was made. */
  s.turn = rotation->source_turns[position(fresh->server, MAX_SERVERS)] - 1;
  s.tries = MOST_TRIES / count;
  bpf_loop(MOST_TRIES, try_port, &s, 0);
  if (!s.found) return false;
  fresh->way = s.way;
  fresh->mark = (fresh->mark & ~(0xffu << 16)) | s.number << 16;
  return true;
}

#define LONG_WAY 0
#define SHORT_WAY 1
#define NO_PORT 2

/* Which way the connection goes that `fresh` begins, and what it takes for the short one. */
__noinline int find_way(struct __sk_buff *skb, const struct connection_key *key, struct beginning *fresh) {
  if (!key || !fresh) return LONG_WAY;
  __u32 number = fresh->service;
  __u32 pool_number = fresh->pool;
  __u32 zero = 0;
  struct service *service = bpf_map_lookup_elem(&services, &number);
  struct pool *pool = bpf_map_lookup_elem(&pools, &pool_number);
  struct place *place = bpf_map_lookup_elem(&places, &zero);
  if (!service || !pool || !place || skb->vlan_present) return LONG_WAY;
  fresh->way.server = pool->servers[position(fresh->server, MAX_SERVERS)].address;
  fresh->way.server_port = bpf_htons(fresh->server_port);
  fresh->way.source = key->client;
  fresh->way.source_port = key->client_port;
  if (is_ipv4(&fresh->way.server) != is_ipv4(&key->vip)) return LONG_WAY;
  if (!find_interfaces(skb, place, key, fresh)) return LONG_WAY;
  if (service->source_count > 0) {
    if (!take_port(key, service, place, fresh)) return NO_PORT;
  } else if (bpf_map_update_elem(&ways, &fresh->way, key, BPF_NOEXIST)) {
    /* The client talks to the server itself from the same port: conntrack tells the two apart. */
    return LONG_WAY;
  }
  fresh->state |= SHORT;
  return SHORT_WAY;
}

/* Another connection may have the port from here on. */
static __always_inline void leave_way(__u32 state, const struct way_key *way) {
  if (state & SHORT) bpf_map_delete_elem(&ways, way);
}

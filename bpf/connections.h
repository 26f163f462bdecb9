/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The life of a connection as both hooks see it, under the tuple that its client uses: what clients send is seen before
 * translation, what they are sent after it was undone.
 *
 * An entry that is done stays for the next sweep to remove. Deleting it at once would let another CPU that still holds it
 * write into whatever takes its memory next, and give back the count of somebody else's connection.
 */
#pragma once
#include "choose.h"
#include "maps.h"
#include "parse.h"

/* 0x50 tells our marks; then 8 bits of the source and 16 of the target, as the translation knows them. All ones: refuse. */
#define MARK 0x50000000
#define MARK_REFUSED 0x50ffffff

static __always_inline struct port_counters *counters_of(const struct connection_key *key) {
  struct port_key port = {.vip = key->vip, .port = bpf_ntohs(key->vip_port), .protocol = key->protocol};
  struct port_counters *found = bpf_map_lookup_elem(&port_counters, &port);
  if (found) return found;
  struct port_counters none = {};
  bpf_map_update_elem(&port_counters, &port, &none, BPF_NOEXIST);
  return bpf_map_lookup_elem(&port_counters, &port);
}

static __always_inline void count_choice(const struct connection_key *key, int chosen) {
  struct port_counters *counters = counters_of(key);
  if (!counters) return;
  if (chosen >= 0) {
    __sync_fetch_and_add(&counters->total, 1);
    return;
  }
  __sync_fetch_and_add(&counters->refused, 1);
  if (chosen == AT_SERVER_LIMITS) __sync_fetch_and_add(&counters->at_server_limits, 1);
  if (chosen == AT_SERVICE_LIMIT) __sync_fetch_and_add(&counters->at_service_limit, 1);
}

/* Addresses of the SNAT pool take turns here, for the kernel's own choice gives one client always the same. */
static __always_inline __u32 next_source(const struct service *service, __u32 number) {
  struct service_state *rotation = bpf_map_lookup_elem(&service_states, &number);
  if (!rotation || service->source_count == 0) return 0;
  __u32 turn = __sync_fetch_and_add(&rotation->source_turn, 1) % service->source_count;
  KEEP(turn);
  return service->sources[turn & (MAX_SOURCES - 1)];
}

/* Chooses a server for a connection of this service and notes in `fresh` what it becomes; false: refused, and counted. */
static __always_inline bool choose_for(const struct connection_key *key, __u32 number, int excluded, struct connection *fresh) {
  struct service *service = bpf_map_lookup_elem(&services, &number);
  if (!service) return false;
  __u32 pool_number = service->pool;
  int chosen = choose(number, pool_number, excluded);
  count_choice(key, chosen);
  struct pool *pool = bpf_map_lookup_elem(&pools, &pool_number);
  if (chosen < 0 || !pool) return false;
  fresh->service = number;
  fresh->pool = pool_number;
  fresh->server = position(chosen, MAX_SERVERS);
  fresh->mark = MARK | next_source(service, number) << 16 | (pool->servers[fresh->server].target & 0xffff);
  return true;
}

/* A connection that has ended is begun anew in its place: its client uses the same port again. */
static __always_inline bool begin_again(struct connection *c, const struct connection *fresh) {
  bool begun = false;
  bpf_spin_lock(&c->lock);
  if (c->state & DONE) {
    c->service = fresh->service;
    c->pool = fresh->pool;
    c->server = fresh->server;
    c->mark = fresh->mark;
    c->client_next = fresh->client_next;
    c->server_next = 0;
    c->opened_ns = fresh->opened_ns;
    c->active_ns = fresh->active_ns;
    c->bytes_in = 0;
    c->bytes_out = 0;
    c->state = 0;
    begun = true;
  }
  bpf_spin_unlock(&c->lock);
  return begun;
}

/* The mark of a packet that opens a connection, or of one that says so again. */
static __always_inline __u32 open(const struct connection_key *key, __u32 service, const struct packet *p) {
  struct connection *c = bpf_map_lookup_elem(&connections, key);
  if (c && !(c->state & DONE)) return c->mark;
  __u64 now = bpf_ktime_get_ns();
  struct connection fresh = {.opened_ns = now, .active_ns = now, .client_next = p->seq + 1};
  if (!choose_for(key, service, -1, &fresh)) return MARK_REFUSED;
  bool ours = c ? begin_again(c, &fresh) : bpf_map_update_elem(&connections, key, &fresh, BPF_NOEXIST) == 0;
  if (ours) return fresh.mark;
  give_back(fresh.service, fresh.pool, fresh.server);
  /* Another CPU was faster with the same packet sent again; or there is no room. */
  c = bpf_map_lookup_elem(&connections, key);
  return c ? c->mark : MARK_REFUSED;
}

/* Notes why, and gives the count back if nobody has. */
static __always_inline void end(struct connection *c, __u32 why) {
  bool first = false;
  __u64 now = bpf_ktime_get_ns();
  bpf_spin_lock(&c->lock);
  c->state |= why;
  bool over = (c->state & (RESET | EXPIRED)) || (c->state & (CLIENT_ENDED | SERVER_ENDED)) == (CLIENT_ENDED | SERVER_ENDED);
  if (over && !(c->state & DONE)) {
    c->state |= DONE;
    c->done_ns = now;
    first = true;
  }
  bpf_spin_unlock(&c->lock);
  if (first) give_back(c->service, c->pool, c->server);
}

/* A packet of an open connection: bytes, activity, sequence numbers, and its end. Payload alone is activity. */
static __always_inline void follow(struct connection *c, const struct packet *p, bool from_client) {
  if (p->payload > 0) {
    c->active_ns = bpf_ktime_get_ns();
    __sync_fetch_and_add(from_client ? &c->bytes_in : &c->bytes_out, p->payload);
  }
  if (p->protocol != IPPROTO_TCP) return;
  __u32 next = p->seq + p->payload + ((p->flags & (TCP_SYN | TCP_FIN)) ? 1 : 0);
  __u32 *known = from_client ? &c->client_next : &c->server_next;
  /* Packets sent again do not take it back (RFC 9293 section 3.4: numbers wrap). */
  if ((__s32)(next - *known) > 0 || (!from_client && c->server_next == 0)) *known = next;
  if (p->flags & TCP_RST) {
    end(c, RESET);
  } else if (p->flags & TCP_FIN) {
    end(c, from_client ? CLIENT_ENDED : SERVER_ENDED);
  }
}

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The life of a connection as both hooks see it, under the tuple that its client uses: what clients send is seen before
 * translation, what they are sent after it was undone.
 *
 * An entry that is done stays for the next sweep to remove. Deleting it at once would let another CPU that still holds it
 * write into whatever takes its memory next, and give back the count of somebody else's connection.
 */
#pragma once
#include "accounts.h"
#include "lifecycle.h"
#include "way.h"

/* 0x50 tells our marks; then 8 bits of the source and 16 of the target, as the translation knows them. All ones: refuse. */
#define MARK 0x50000000
#define MARK_REFUSED 0x50ffffff

/*
 * Addresses of the SNAT pool take turns here, for the kernel's own choice gives one client always the same. Each server has
 * a turn of its own: with one for all, two servers that alternate would have every other address each.
 */
static __always_inline __u32 next_source(const struct service *service, __u32 number, __u32 server) {
  struct service_state *rotation = bpf_map_lookup_elem(&service_states, &number);
  if (!rotation || service->source_count == 0) return 0;
  __u32 turn = __sync_fetch_and_add(&rotation->source_turns[position(server, MAX_SERVERS)], 1) % service->source_count;
  KEEP(turn);
  return service->sources[turn & (MAX_SOURCES - 1)];
}

/* What the translation knows the server by, on this port of the VIP; 0: it does not. Notes the server's own port. */
static __always_inline __u32 target_of(const struct port_range *range, const struct pool *pool, __u32 server, __u16 port,
                                       __u32 *server_port) {
  if (range->mapped == 0) {
    *server_port = pool->servers[server].port ? pool->servers[server].port : port;
    return pool->servers[server].target & 0xffff;
  }
  struct mapped_key key = {.range = range->mapped, .server = server, .offset = port - range->first};
  struct mapped_target *target = bpf_map_lookup_elem(&mapped_targets, &key);
  if (!target) return 0;
  *server_port = target->port;
  return target->number;
}

/* May the client have one more? What it takes of its source's limits is noted in `fresh`. 0 or a refusal. */
static __always_inline int admit(const struct connection_key *key, const struct service *service, int excluded,
                                 struct beginning *fresh) {
  __u32 number = fresh->service;
  struct service_state *rotation = bpf_map_lookup_elem(&service_states, &number);
  /* Looked at before, so that a full service takes no token; exact is only the look under the lock. */
  if (!rotation || (service->max_connections && rotation->active >= service->max_connections)) return AT_SERVICE_LIMIT;
  if (!limits_sources(service)) return 0;
  int refused = admit_source(&key->client, number, excluded >= 0);
  fresh->limited = !refused;
  return refused;
}

/* The choice itself, with persistence. The position, or a refusal with nothing held. */
__noinline int choose_known(const struct connection_key *key, int excluded, struct beginning *fresh) {
  if (!key || !fresh) return NO_SERVER;
  __u32 number = fresh->service;
  __u32 pool_number = fresh->pool;
  struct service *service = bpf_map_lookup_elem(&services, &number);
  struct pool *pool = bpf_map_lookup_elem(&pools, &pool_number);
  if (!service || !pool) return NO_SERVER;
  __u32 zero = 0;
  struct scratch *own = bpf_map_lookup_elem(&scratches, &zero);
  if (!own) return NO_SERVER;
  struct question *q = &own->question;
  q->service = fresh->service;
  q->pool = fresh->pool;
  q->excluded = excluded;
  q->known = -1;
  q->hinted = -1;
  if (service->scheduler >= SOURCE_HASH) {
    q->hinted = draw(fresh->pool, client_hash(&key->client), service->scheduler == MAGLEV_HASH);
  }
  struct known_client *known = service->persistence_ns ? find_client(&key->client, fresh->service) : NULL;
  if (known && !is_stale(known, fresh->opened_ns, service->persistence_ns)) {
    q->known = known->server;
    q->generation = known->generation;
  }
  int chosen = choose(q);
  if (chosen < 0 || service->persistence_ns == 0) return chosen;
  /* The fallback is remembered for nobody, but holds the entry of one whose own server is only full. */
  if (chosen == FALLBACK && !q->known_is_usable) return chosen;
  __u32 at = position(chosen, MAX_SERVERS);
  fresh->known_since = hold_client(&key->client, fresh->service, at, pool->servers[at].generation, q->known_is_usable);
  return chosen;
}

/* What a connection holds that is not in the table, in the CPU's scratch. */
static __always_inline struct holding *holding_of(struct scratch *own, const struct beginning *fresh) {
  struct holding *held = &own->held;
  __builtin_memset(held, 0, sizeof(*held));
  held->service = fresh->service;
  held->pool = fresh->pool;
  held->server = fresh->server;
  held->limited = fresh->limited;
  held->known_since = fresh->known_since;
  held->opened_ns = fresh->opened_ns;
  held->mark = fresh->mark;
  return held;
}

/* Chooses a server for a connection of this range and notes in `fresh` what it becomes; false: refused, and counted. */
__noinline int choose_for(const struct connection_key *key, const struct port_range *range, int excluded,
                          struct beginning *fresh) {
  __u32 zero = 0;
  struct scratch *own = bpf_map_lookup_elem(&scratches, &zero);
  if (!key || !range || !fresh || !own) return 0;
  __u32 number = range->service;
  struct service *service = bpf_map_lookup_elem(&services, &number);
  if (!service) return false;
  __u32 pool_number = service->pool;
  struct pool *pool = bpf_map_lookup_elem(&pools, &pool_number);
  if (!pool) return false;
  fresh->service = number;
  fresh->pool = pool_number;
  fresh->state = service->direct ? DIRECT : 0;
  fresh->short_way = service->short_way;
  fresh->limited = 0;
  fresh->known_since = 0;
  int chosen = admit(key, service, excluded, fresh);
  if (chosen == 0) {
    chosen = choose_known(key, excluded, fresh);
    if (chosen < 0 && fresh->limited) release_source(&key->client, number);
  }
  __u32 target = 0;
  if (chosen >= 0) {
    fresh->server = position(chosen, MAX_SERVERS);
    target = target_of(range, pool, fresh->server, bpf_ntohs(key->vip_port), &fresh->server_port);
    if (target == 0) {
      release(key, holding_of(own, fresh));
      chosen = NO_SERVER;
    }
  }
  if (chosen < 0) {
    count_refusal(key, chosen);
    return false;
  }
  fresh->mark = MARK | next_source(service, number, fresh->server) << 16 | target;
  return true;
}

/* Counts at the server that was chosen that no source port is free towards it. */
static __always_inline void count_shortage(const struct beginning *fresh) {
  __u32 number = fresh->pool;
  struct pool_state *state = bpf_map_lookup_elem(&pool_states, &number);
  if (state) __sync_fetch_and_add(&state->source_shortages[position(fresh->server, MAX_SERVERS)], 1);
}

/*
 * Chooses a server, and a way to it; of a server that no source port is left for it gives the connection to another one,
 * and to no third: a flood of SYNs shall not make us search for long. False: refused, and counted.
 */
__noinline int find_place(struct __sk_buff *skb, const struct connection_key *key, const struct port_range *range, int excluded,
                          struct beginning *fresh) {
  __u32 zero = 0;
  struct scratch *own = bpf_map_lookup_elem(&scratches, &zero);
  if (!key || !range || !fresh || !own) return false;
  for (int i = 0; i < 2; i++) {
    if (!choose_for(key, range, excluded, fresh)) return false;
    if (!fresh->short_way || key->protocol != IPPROTO_TCP || find_way(skb, key, fresh) != NO_PORT) return true;
    release(key, holding_of(own, fresh));
    count_shortage(fresh);
    excluded = fresh->server;
  }
  count_refusal(key, NO_SOURCE_PORT);
  return false;
}

/* A connection that has ended is begun anew in its place: its client uses the same port again. */
static __always_inline bool begin_again(const struct connection_key *key, struct connection *c, const struct beginning *fresh) {
  struct holding left = {};
  struct way_key way = {};
  bool begun = false;
  bpf_spin_lock(&c->lock);
  if ((c->state & (DONE | GONE)) == DONE) {
    take_account(c, &left);
    way = c->way;
    /* Exchanged and not set: a late packet of another CPU may be adding to them. */
    left.bytes_in += __sync_lock_test_and_set(&c->bytes_in, 0) - c->counted_in;
    left.bytes_out += __sync_lock_test_and_set(&c->bytes_out, 0) - c->counted_out;
    c->counted_in = 0;
    c->counted_out = 0;
    c->service = fresh->service;
    c->pool = fresh->pool;
    c->server = fresh->server;
    c->mark = fresh->mark;
    c->client_first = fresh->client_first;
    c->client_next = fresh->client_first + 1;
    c->server_next = 0;
    c->limited = fresh->limited;
    c->known_since = fresh->known_since;
    c->opened_ns = fresh->opened_ns;
    c->active_ns = fresh->opened_ns;
    c->way = fresh->way;
    c->server_interface = fresh->server_interface;
    c->client_interface = fresh->client_interface;
    c->mtu = fresh->mtu;
    c->state = fresh->state;
    begun = true;
  }
  bpf_spin_unlock(&c->lock);
  leave_way(left.state, &way);
  tell_bytes(key, &left);
  return begun;
}

/* No room in the table (bpf(2)); what else an update can fail for passes soon. */
#define E2BIG 7

/* Puts what was chosen into the table: 1; 0 when another CPU was faster with the same packet sent again; or -E2BIG. */
__noinline int begin(const struct connection_key *key, const struct beginning *fresh) {
  if (!key || !fresh) return 0;
  struct connection *c = bpf_map_lookup_elem(&connections, key);
  if (c) {
    if (!begin_again(key, c, fresh)) return 0;
  } else {
    struct connection made = {.state = fresh->state,
                              .service = fresh->service,
                              .pool = fresh->pool,
                              .server = fresh->server,
                              .mark = fresh->mark,
                              .client_first = fresh->client_first,
                              .client_next = fresh->client_first + 1,
                              .limited = fresh->limited,
                              .known_since = fresh->known_since,
                              .opened_ns = fresh->opened_ns,
                              .active_ns = fresh->opened_ns,
                              .way = fresh->way,
                              .server_interface = fresh->server_interface,
                              .client_interface = fresh->client_interface,
                              .mtu = fresh->mtu};
    long failed = bpf_map_update_elem(&connections, key, &made, BPF_NOEXIST);
    if (failed) return failed == -E2BIG ? -E2BIG : 0;
  }
  count_opening(key);
  return 1;
}

#define OVER (CLIENT_RESET | SERVER_RESET | EXPIRED | MOVED | COMMANDED)
#define BOTH_ENDED (CLIENT_ENDED | SERVER_ENDED)
#define BOTH_HAVE_ALL (CLIENT_HAS_ALL | SERVER_HAS_ALL)

static __always_inline bool is_over(__u32 state) {
  if (state & OVER) return true;
  /* Of a direct one the server's FIN is never seen. */
  return state & DIRECT ? state & CLIENT_ENDED : (state & BOTH_ENDED) == BOTH_ENDED;
}

/*
 * Notes why, and gives the count back if nobody has. `opened` says which connection is meant: another one may have begun in
 * its place since the caller looked. What it holds is read under the lock for the same reason. 1 when it ended by this.
 */
__noinline int end(const struct connection_key *key, __u64 opened, __u32 why) {
  struct connection *c = key ? bpf_map_lookup_elem(&connections, key) : NULL;
  if (!c) return 0;
  bool first = false;
  __u64 now = bpf_ktime_get_ns();
  struct holding held = {};
  bpf_spin_lock(&c->lock);
  if (c->opened_ns == opened && !(c->state & DONE)) {
    c->state |= why;
    if (is_over(c->state)) {
      c->state |= DONE;
      c->done_ns = now;
      take_account(c, &held);
      held.why = why;
      first = true;
    }
  }
  bpf_spin_unlock(&c->lock);
  if (!first) return 0;
  release(key, &held);
  tell_port(key, &held, true);
  tell_lifecycle(key, &held);
  return 1;
}

/* Whether the server was lost before it and the client had found each other. */
static __always_inline bool was_lost(const struct connection_key *key, const struct connection *c) {
  if (key->protocol != IPPROTO_TCP) return false;
  __u32 number = c->pool;
  struct pool *pool = bpf_map_lookup_elem(&pools, &number);
  return pool && !(c->state & ESTABLISHED) && pool->servers[position(c->server, MAX_SERVERS)].lost;
}

/*
 * A SYN with another number where a connection is open: its client has forgotten that one and means a new one. While the
 * handshake is not over, conntrack sends it where the first one went, so it is the same connection begun anew. Later its
 * server still knows the old one, and conntrack goes on with it: the server asks (RFC 9293 section 3.10.7.4), the client
 * resets, that is the end here, and the client's next SYN opens. Until then the old numbers are those that count.
 */
static __always_inline void mean_again(struct connection *c, __u32 first, __u64 now) {
  bpf_spin_lock(&c->lock);
  if (!(c->state & (ESTABLISHED | DONE)) && c->client_first != first) {
    c->client_first = first;
    c->client_next = first + 1;
    c->server_next = 0;
    c->active_ns = now;
    c->state &= ~(ANSWERED | CLIENT_ENDED | SERVER_ENDED);
  }
  bpf_spin_unlock(&c->lock);
}

/* Instead of a mark: the packet is dropped, and its sender asks again when what is in the way has gone. */
#define MARK_LATER 0

/* The mark of a packet that opens a connection, or of one that says so again. */
__noinline __u32 open(struct __sk_buff *skb, const struct connection_key *key, const struct port_range *range, __u32 first) {
  __u32 zero = 0;
  struct scratch *own = bpf_map_lookup_elem(&scratches, &zero);
  if (!key || !range || !own) return MARK_LATER;
  struct connection *c = bpf_map_lookup_elem(&connections, key);
  __u64 now = bpf_ktime_get_ns();
  int excluded = -1;
  if (c && (c->state & GONE)) return MARK_LATER;
  if (c && !(c->state & DONE)) {
    if (!was_lost(key, c)) {
      if (key->protocol == IPPROTO_TCP && c->client_first != first) mean_again(c, first, now);
      return c->mark;
    }
    excluded = c->server;
    end(key, c->opened_ns, MOVED);
  }
  struct beginning *fresh = &own->fresh;
  fresh->opened_ns = now;
  fresh->client_first = first;
  if (!find_place(skb, key, range, excluded, fresh)) return MARK_REFUSED;
  int begun = begin(key, fresh);
  struct holding *held = holding_of(own, fresh);
  if (begun > 0) {
    tell_lifecycle(key, held);
    return fresh->mark;
  }
  leave_way(fresh->state, &fresh->way);
  release(key, held);
  if (begun == -E2BIG) {
    count_refusal(key, NO_SERVER);
    return MARK_REFUSED;
  }
  c = bpf_map_lookup_elem(&connections, key);
  return c && !(c->state & DONE) ? c->mark : MARK_LATER;
}

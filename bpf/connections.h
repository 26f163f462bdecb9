/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The life of a connection as both hooks see it, under the tuple that its client uses: what clients send is seen before
 * translation, what they are sent after it was undone.
 *
 * An entry that is done stays for the next sweep to remove. Deleting it at once would let another CPU that still holds it
 * write into whatever takes its memory next, and give back the count of somebody else's connection.
 */
#pragma once
#include "account.h"
#include "choose.h"
#include "limits.h"
#include "maps.h"
#include "parse.h"
#include "persistence.h"

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

/* What the translation knows the server by, on this port; 0: it does not. */
static __always_inline __u32 target_of(const struct port_range *range, const struct pool *pool, __u32 server, __u16 port) {
  if (range->mapped == 0) return pool->servers[server].target & 0xffff;
  struct mapped_key key = {.range = range->mapped, .server = server, .offset = port - range->first};
  __u32 *target = bpf_map_lookup_elem(&mapped_targets, &key);
  return target ? *target & 0xffff : 0;
}

/* May the client have one more? What it takes of its source's limits is noted in `fresh`. 0 or a refusal. */
static __always_inline int admit(const struct connection_key *key, const struct service *service, int excluded,
                                 struct opening *fresh) {
  __u32 number = fresh->service;
  struct service_state *rotation = bpf_map_lookup_elem(&service_states, &number);
  /* Looked at before, so that a full service takes no token; exact is only the look under the lock. */
  if (!rotation || (service->max_connections && rotation->active >= service->max_connections)) return AT_SERVICE_LIMIT;
  if (!limits_sources(service)) return 0;
  int refused = admit_source(&key->client, number, excluded >= 0);
  fresh->limited = !refused;
  return refused;
}

/* Gives back what a connection holds; of one that is open, and of one that will not be. */
#define RELEASE(key, c)                                                                                                \
  do {                                                                                                                 \
    give_back((c)->service, (c)->pool, (c)->server);                                                                   \
    if ((c)->limited) release_source(&(key)->client, (c)->service);                                                    \
    if ((c)->known_since) release_client(&(key)->client, (c)->service, (c)->known_since);                              \
  } while (0)

/* The choice itself, with persistence. The position, or a refusal with nothing held. */
__noinline int choose_known(const struct connection_key *key, int excluded, struct opening *fresh) {
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
  fresh->known_since = hold_client(&key->client, fresh->service, at, pool->servers[at].generation, q->known_is_usable,
                                   fresh->opened_ns);
  return chosen;
}

/* Chooses a server for a connection of this range and notes in `fresh` what it becomes; false: refused, and counted. */
__noinline int choose_for(const struct connection_key *key, const struct port_range *range, int excluded,
                          struct opening *fresh) {
  if (!key || !range || !fresh) return 0;
  __u32 number = range->service;
  struct service *service = bpf_map_lookup_elem(&services, &number);
  if (!service) return false;
  __u32 pool_number = service->pool;
  struct pool *pool = bpf_map_lookup_elem(&pools, &pool_number);
  if (!pool) return false;
  fresh->service = number;
  fresh->pool = pool_number;
  int chosen = admit(key, service, excluded, fresh);
  if (chosen == 0) {
    chosen = choose_known(key, excluded, fresh);
    if (chosen < 0 && fresh->limited) release_source(&key->client, number);
  }
  __u32 target = 0;
  if (chosen >= 0) {
    fresh->server = position(chosen, MAX_SERVERS);
    target = target_of(range, pool, fresh->server, bpf_ntohs(key->vip_port));
    if (target == 0) {
      RELEASE(key, fresh);
      chosen = NO_SERVER;
    }
  }
  count_choice(key, chosen);
  if (chosen < 0) return false;
  fresh->mark = MARK | next_source(service, number, fresh->server) << 16 | target;
  return true;
}

/* 0, or an error: another CPU was faster, or there is no room. */
__noinline int insert(const struct connection_key *key, const struct opening *fresh) {
  if (!key || !fresh) return -1;
  struct connection c = {.service = fresh->service,
                         .pool = fresh->pool,
                         .server = fresh->server,
                         .mark = fresh->mark,
                         .client_next = fresh->client_next,
                         .limited = fresh->limited,
                         .known_since = fresh->known_since,
                         .opened_ns = fresh->opened_ns,
                         .active_ns = fresh->opened_ns};
  return bpf_map_update_elem(&connections, key, &c, BPF_NOEXIST);
}

/* A connection that has ended is begun anew in its place: its client uses the same port again. */
static __always_inline bool begin_again(const struct connection_key *key, struct connection *c,
                                        const struct opening *fresh) {
  bool begun = false;
  struct uncounted bytes = {};
  __u32 pool = c->pool;
  __u32 server = c->server;
  bpf_spin_lock(&c->lock);
  if (c->state & DONE) {
    take_bytes(c, &bytes);
    c->service = fresh->service;
    c->pool = fresh->pool;
    c->server = fresh->server;
    c->mark = fresh->mark;
    c->client_next = fresh->client_next;
    c->server_next = 0;
    c->limited = fresh->limited;
    c->known_since = fresh->known_since;
    c->opened_ns = fresh->opened_ns;
    c->active_ns = fresh->opened_ns;
    c->bytes_in = 0;
    c->bytes_out = 0;
    c->counted_in = 0;
    c->counted_out = 0;
    c->state = 0;
    begun = true;
  }
  bpf_spin_unlock(&c->lock);
  if (bytes.in | bytes.out) count_bytes(key, pool, server, &bytes);
  return begun;
}

/* Notes why, and gives the count back if nobody has. */
static __always_inline bool end(const struct connection_key *key, struct connection *c, __u32 why) {
  bool first = false;
  __u64 now = bpf_ktime_get_ns();
  bpf_spin_lock(&c->lock);
  c->state |= why;
  bool over = (c->state & (RESET | EXPIRED | MOVED)) || (c->state & (CLIENT_ENDED | SERVER_ENDED)) == (CLIENT_ENDED | SERVER_ENDED);
  if (over && !(c->state & DONE)) {
    c->state |= DONE;
    c->done_ns = now;
    first = true;
  }
  bpf_spin_unlock(&c->lock);
  if (first) {
    count_end(key, c->pool, c->server, c->state);
    RELEASE(key, c);
  }
  return first;
}

/* Whether the server was lost before it and the client had found each other. */
static __always_inline bool was_lost(const struct connection *c) {
  __u32 number = c->pool;
  struct pool *pool = bpf_map_lookup_elem(&pools, &number);
  return pool && !(c->state & ESTABLISHED) && pool->servers[position(c->server, MAX_SERVERS)].lost;
}

/* The mark of a packet that opens a connection, or of one that says so again. */
static __always_inline __u32 open(const struct connection_key *key, const struct port_range *range, const struct packet *p) {
  struct connection *c = bpf_map_lookup_elem(&connections, key);
  int excluded = -1;
  if (c && !(c->state & DONE)) {
    if (!was_lost(c)) return c->mark;
    excluded = c->server;
    struct port_counters *counters = counters_of(key);
    if (end(key, c, MOVED) && counters) __sync_fetch_and_add(&counters->redispatches, 1);
  }
  __u64 now = bpf_ktime_get_ns();
  struct opening fresh = {.opened_ns = now, .client_next = p->seq + 1};
  if (!choose_for(key, range, excluded, &fresh)) return MARK_REFUSED;
  bool ours = c ? begin_again(key, c, &fresh) : insert(key, &fresh) == 0;
  if (ours) return fresh.mark;
  struct port_counters *counters = counters_of(key);
  if (counters) __sync_fetch_and_sub(&counters->active, 1);
  RELEASE(key, &fresh);
  /* Another CPU was faster with the same packet sent again; or there is no room. */
  c = bpf_map_lookup_elem(&connections, key);
  return c ? c->mark : MARK_REFUSED;
}

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
  if (from_client ? !(c->state & ANSWERED) || (p->flags & TCP_SYN) : !(p->flags & TCP_SYN)) return;
  bpf_spin_lock(&c->lock);
  c->state |= news;
  bpf_spin_unlock(&c->lock);
}

/* A packet of an open connection: bytes, activity, sequence numbers, and its end. Payload alone is activity. */
static __always_inline void follow(const struct connection_key *key, struct connection *c, const struct packet *p, bool from_client) {
  if (p->payload > 0) {
    c->active_ns = bpf_ktime_get_ns();
    __sync_fetch_and_add(from_client ? &c->bytes_in : &c->bytes_out, p->payload);
  }
  if (p->protocol != IPPROTO_TCP) return;
  if (p->flags & TCP_RST) {
    if (is_plausible(c, p, from_client)) end(key, c, RESET | (from_client ? BY_CLIENT : BY_SERVER));
    return;
  }
  __u32 next = p->seq + p->payload + ((p->flags & (TCP_SYN | TCP_FIN)) ? 1 : 0);
  __u32 *known = from_client ? &c->client_next : &c->server_next;
  /* Packets sent again do not take it back (RFC 9293 section 3.4: numbers wrap). */
  if ((__s32)(next - *known) > 0 || (!from_client && !(c->state & ANSWERED))) *known = next;
  shake_hands(c, p, from_client);
  if (p->flags & TCP_FIN) end(key, c, from_client ? CLIENT_ENDED : SERVER_ENDED);
}

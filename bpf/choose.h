/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The schedulers. Choosing and counting are one step under the lock of the pool, so that they are exact whatever the
 * number of CPUs that open connections at once. Nothing in here may call a helper: a lock is held.
 */
#pragma once
#include "hash.h"
#include "scratch.h"
#include "services.h"

/* What choose returns in place of a server. */
#define NO_SERVER -1
#define AT_SERVER_LIMITS -2
#define AT_SERVICE_LIMIT -3
#define NO_SOURCE_PORT -6

struct choice {
  struct scratch *own;
  const struct service *service;
  struct service_state *rotation;
  const struct pool *pool;
  struct pool_state *state;
};

/* Masked, as the verifier wants to see that it is a place of the arrays. */
static __always_inline __u32 position(__u32 at, __u32 count) {
  at %= count;
  KEEP(at);
  return at & (MAX_SERVERS - 1);
}

static __always_inline bool is_candidate(struct choice *c, __u32 at) {
  const struct server *server = &c->pool->servers[at];
  if (server->selectable != SELECTABLE || (int)at == c->own->excluded) return false;
  if (server->max_connections == 0 || c->state->active[at] < server->max_connections) return true;
  c->rotation->full = 1;
  return false;
}

/* Whether a / a_weight < b / b_weight, by cross multiplication so that equal costs are equal; 80 bits each. */
static __always_inline bool is_less(__u64 a, __u32 a_weight, __u64 b, __u32 b_weight) {
  __u64 a_low = (a & 0xffffffff) * b_weight;
  __u64 b_low = (b & 0xffffffff) * a_weight;
  __u64 a_high = (a >> 32) * b_weight + (a_low >> 32);
  __u64 b_high = (b >> 32) * a_weight + (b_low >> 32);
  return a_high < b_high || (a_high == b_high && (a_low & 0xffffffff) < (b_low & 0xffffffff));
}

/* What hashing needs and can be had without the lock. A step of its own, so that its stack is not upon that of choose. */
__noinline int draw(__u32 pool_number, __u32 client, int maglev) {
  __u32 zero = 0;
  struct scratch *own = bpf_map_lookup_elem(&scratches, &zero);
  struct pool *pool = bpf_map_lookup_elem(&pools, &pool_number);
  if (!own || !pool) return -1;
  for (__u32 at = 0; at < FALLBACK; at++) {
    const struct server *server = &pool->servers[at];
    own->waits[at] = server->selectable == SELECTABLE ? wait_of(mix(client, server->identity)) : 0;
  }
  if (!maglev) return -1;
  struct maglev *table = bpf_map_lookup_elem(&maglevs, &pool_number);
  __u32 place = client % MAGLEV_SIZE;
  KEEP(place);
  return table && place < MAGLEV_SIZE ? table->servers[place] : -1;
}

/* Smooth: every choice raises each by its weight, takes the highest and lowers it by the sum. */
static __always_inline void raise(struct choice *c, __u32 at) {
  __s32 weight = c->pool->servers[at].weight;
  __s32 value = c->rotation->current[at] + weight;
  c->rotation->current[at] = value;
  c->own->sum += weight;
  if (c->rotation->best < 0 || value > (__s32)c->own->best_weight) {
    c->rotation->best = at;
    c->own->best_weight = value;
  }
}

/* The least cost ÷ weight: active connections; none of both for rr; for the hashing ones how long it would wait. */
static __always_inline void weigh(struct choice *c, __u32 at) {
  __u32 scheduler = c->own->scheduler;
  __u64 cost = scheduler == ROUND_ROBIN ? 0 : c->state->active[at];
  if (scheduler >= SOURCE_HASH) cost = c->own->waits[at];
  __u32 weight = scheduler == ROUND_ROBIN || scheduler == LEAST_CONNECTIONS ? 1 : c->pool->servers[at].weight;
  if (c->rotation->best < 0 || is_less(cost, weight, c->own->best_cost, c->own->best_weight)) {
    c->rotation->best = at;
    c->own->best_cost = cost;
    c->own->best_weight = weight;
  }
}

/* From the cursor on, so that ties rotate; of what Maglev's table names at once, if that can be had. */
static __always_inline int scheduled(struct choice *c) {
  c->own->start = c->own->scheduler >= SOURCE_HASH || c->rotation->cursor >= c->own->count ? 0 : c->rotation->cursor;
  for (__u32 i = 0; i < FALLBACK; i++) {
    __u32 count = c->own->count;
    if (i >= count) break;
    __u32 at = c->own->start + i;
    if (at >= count) at -= count;
    KEEP(at);
    if (at >= FALLBACK || !is_candidate(c, at)) continue;
    if ((int)at == c->own->hinted) {
      c->rotation->best = at;
      break;
    }
    if (c->own->scheduler == WEIGHTED_ROUND_ROBIN) {
      raise(c, at);
    } else {
      weigh(c, at);
    }
  }
  int best = c->rotation->best;
  if (best >= 0 && c->own->scheduler == WEIGHTED_ROUND_ROBIN) {
    c->rotation->current[position(best, MAX_SERVERS)] -= c->own->sum;
  }
  return best;
}

/* Whether the server that the client came to before can be had and has room. */
static __always_inline bool takes_known(struct choice *c, struct question *q) {
  if (q->known < 0 || q->known >= FALLBACK || q->known == q->excluded) return false;
  __u32 at = position(q->known, MAX_SERVERS);
  const struct server *server = &c->pool->servers[at];
  if (server->generation != q->generation || server->selectable == 0) return false;
  q->known_is_usable = 1;
  return server->max_connections == 0 || c->state->active[at] < server->max_connections;
}

static __always_inline int choose_locked(struct choice *c, struct question *q) {
  __u32 limit = c->service->max_connections;
  if (limit != 0 && c->rotation->active >= limit) return AT_SERVICE_LIMIT;
  c->rotation->full = 0;
  c->rotation->best = -1;
  int chosen = -1;
  if (takes_known(c, q)) {
    chosen = q->known;
  } else {
    chosen = scheduled(c);
    if (chosen >= 0) {
      c->rotation->cursor = chosen + 1;
    } else if (c->pool->servers[FALLBACK].selectable && c->own->excluded != FALLBACK) {
      chosen = FALLBACK;
    } else {
      return c->rotation->full ? AT_SERVER_LIMITS : NO_SERVER;
    }
  }
  __u32 at = position(chosen, MAX_SERVERS);
  c->state->active[at]++;
  c->state->total[at]++;
  c->rotation->active++;
  return at;
}

/*
 * The position that the next connection of the service goes to, already counted there and at the service; negative: a
 * refusal.
 */
__noinline int choose(struct question *q) {
  if (!q) return NO_SERVER;
  __u32 service_number = q->service;
  __u32 pool_number = q->pool;
  __u32 zero = 0;
  struct choice c = {.own = bpf_map_lookup_elem(&scratches, &zero),
                     .service = bpf_map_lookup_elem(&services, &service_number),
                     .rotation = bpf_map_lookup_elem(&service_states, &service_number),
                     .pool = bpf_map_lookup_elem(&pools, &pool_number),
                     .state = bpf_map_lookup_elem(&pool_states, &pool_number)};
  if (!c.own || !c.service || !c.rotation || !c.pool || !c.state) return NO_SERVER;
  c.own->scheduler = c.service->scheduler;
  c.own->count = c.pool->count;
  c.own->excluded = q->excluded;
  c.own->hinted = q->hinted;
  c.own->sum = 0;
  q->known_is_usable = 0;
  bpf_spin_lock(&c.state->lock);
  int chosen = choose_locked(&c, q);
  bpf_spin_unlock(&c.state->lock);
  return chosen;
}

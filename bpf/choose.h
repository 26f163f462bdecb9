/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The schedulers. Choosing and counting are one step under the lock of the pool, so that they are exact whatever the
 * number of CPUs that open connections at once. Nothing in here may call a helper: a lock is held.
 */
#pragma once
#include "maps.h"
#include "services.h"

/* What choose returns in place of a server. */
#define NO_SERVER -1
#define AT_SERVER_LIMITS -2
#define AT_SERVICE_LIMIT -3

struct choice {
  const struct service *service;
  struct service_state *rotation;
  const struct pool *pool;
  struct pool_state *state;
  int excluded; /* a position that must not be chosen, or -1 */
};

/* Masked, as the verifier wants to see that it is a place of the arrays. */
static __always_inline __u32 position(__u32 at, __u32 count) {
  at %= count;
  KEEP(at);
  return at & (MAX_SERVERS - 1);
}

static __always_inline bool is_candidate(struct choice *c, __u32 at) {
  const struct server *server = &c->pool->servers[at];
  if (!server->selectable || (int)at == c->excluded) return false;
  if (server->max_connections == 0 || c->state->active[at] < server->max_connections) return true;
  c->rotation->full = 1;
  return false;
}

/*
 * The least active ÷ weight, compared by cross multiplication so that equal costs are equal; from the cursor on, so that
 * ties rotate. Every scheduler is this with other figures: lc has all weights 1, rr all costs 0.
 */
static __always_inline int cheapest(struct choice *c, bool by_active, bool by_weight) {
  __u32 count = c->pool->count;
  __u32 cursor = c->rotation->cursor;
  __u64 best_cost = 0;
  __u64 best_weight = 1;
  c->rotation->best = -1;
  for (__u32 i = 0; i < FALLBACK; i++) {
    if (i >= count) break;
    __u32 at = position(cursor + i, count);
    if (!is_candidate(c, at)) continue;
    __u64 cost = by_active ? c->state->active[at] : 0;
    __u64 weight = by_weight ? c->pool->servers[at].weight : 1;
    if (c->rotation->best < 0 || cost * best_weight < best_cost * weight) {
      c->rotation->best = at;
      best_cost = cost;
      best_weight = weight;
    }
  }
  return c->rotation->best;
}

/* Smooth: every choice raises each by its weight, takes the highest and lowers it by the sum. */
static __always_inline int smooth(struct choice *c) {
  __u32 count = c->pool->count;
  __u32 cursor = c->rotation->cursor;
  __s32 highest = 0;
  __s32 sum = 0;
  c->rotation->best = -1;
  for (__u32 i = 0; i < FALLBACK; i++) {
    if (i >= count) break;
    __u32 at = position(cursor + i, count);
    if (!is_candidate(c, at)) continue;
    __s32 weight = c->pool->servers[at].weight;
    __s32 value = c->rotation->current[at] + weight;
    c->rotation->current[at] = value;
    sum += weight;
    if (c->rotation->best < 0 || value > highest) {
      c->rotation->best = at;
      highest = value;
    }
  }
  int best = c->rotation->best;
  if (best >= 0) c->rotation->current[position(best, MAX_SERVERS)] -= sum;
  return best;
}

static __always_inline int scheduled(struct choice *c) {
  switch (c->service->scheduler) {
    case ROUND_ROBIN:
      return cheapest(c, false, false);
    case WEIGHTED_ROUND_ROBIN:
      return smooth(c);
    case LEAST_CONNECTIONS:
      return cheapest(c, true, false);
    default:
      return cheapest(c, true, true);
  }
}

static __always_inline int choose_locked(struct choice *c) {
  __u32 limit = c->service->max_connections;
  if (limit != 0 && c->rotation->active >= limit) return AT_SERVICE_LIMIT;
  c->rotation->full = 0;
  int chosen = scheduled(c);
  if (chosen >= 0) {
    c->rotation->cursor = chosen + 1;
  } else if (c->pool->servers[FALLBACK].selectable && c->excluded != FALLBACK) {
    chosen = FALLBACK;
  } else {
    return c->rotation->full ? AT_SERVER_LIMITS : NO_SERVER;
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
__noinline int choose(__u32 service_number, __u32 pool_number, int excluded) {
  struct choice c = {.service = bpf_map_lookup_elem(&services, &service_number),
                     .rotation = bpf_map_lookup_elem(&service_states, &service_number),
                     .pool = bpf_map_lookup_elem(&pools, &pool_number),
                     .state = bpf_map_lookup_elem(&pool_states, &pool_number),
                     .excluded = excluded};
  if (!c.service || !c.rotation || !c.pool || !c.state) return NO_SERVER;
  bpf_spin_lock(&c.state->lock);
  int chosen = choose_locked(&c);
  bpf_spin_unlock(&c.state->lock);
  return chosen;
}

/* Gives back what choose counted. */
__noinline int give_back(__u32 service, __u32 pool, __u32 server) {
  struct service_state *rotation = bpf_map_lookup_elem(&service_states, &service);
  struct pool_state *state = bpf_map_lookup_elem(&pool_states, &pool);
  if (!rotation || !state) return -1;
  server = position(server, MAX_SERVERS);
  bpf_spin_lock(&state->lock);
  state->active[server]--;
  rotation->active--;
  bpf_spin_unlock(&state->lock);
  return 0;
}

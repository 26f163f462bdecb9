/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What servers and ports are told of their connections: at the beginning, at the one place where one ends, and by each
 * sweep, which brings the bytes that moved since the last one. So no packet pays for sums.
 */
#pragma once
#include <linux/in.h>
#include "choose.h"
#include "limits.h"
#include "scratch.h"
#include "persistence.h"

static __always_inline struct port_counters *counters_of(const struct connection_key *key) {
  struct port_key port = {.vip = key->vip, .port = bpf_ntohs(key->vip_port), .protocol = key->protocol};
  struct port_counters *found = bpf_map_lookup_elem(&port_counters, &port);
  if (found) return found;
  __u32 zero = 0;
  struct scratch *own = bpf_map_lookup_elem(&scratches, &zero);
  if (!own) return NULL;
  bpf_map_update_elem(&port_counters, &port, &own->zeros, BPF_NOEXIST);
  return bpf_map_lookup_elem(&port_counters, &port);
}

__noinline int count_refusal(const struct connection_key *key, int why) {
  struct port_counters *counters = key ? counters_of(key) : NULL;
  if (!counters) return 0;
  __sync_fetch_and_add(&counters->refused, 1);
  if (why == AT_SERVER_LIMITS) __sync_fetch_and_add(&counters->at_server_limits, 1);
  if (why == AT_SERVICE_LIMIT) __sync_fetch_and_add(&counters->at_service_limit, 1);
  if (why == AT_SOURCE_LIMIT) __sync_fetch_and_add(&counters->at_source_limit, 1);
  if (why == AT_SOURCE_RATE) __sync_fetch_and_add(&counters->at_source_rate, 1);
  return 0;
}

__noinline int count_opening(const struct connection_key *key) {
  struct port_counters *counters = key ? counters_of(key) : NULL;
  if (!counters) return 0;
  __sync_fetch_and_add(&counters->total, 1);
  __sync_fetch_and_add(&counters->active, 1);
  return 0;
}

/* A connection that the server never took, as the proxy plane refuses it: its port counts it as refused. */
static __always_inline bool was_refused(const struct holding *held, __u32 protocol) {
  return protocol == IPPROTO_TCP && !(held->state & ANSWERED) && (held->why & (SERVER_RESET | EXPIRED));
}

static __always_inline void count_why(struct pool_state *state, __u32 at, const struct holding *held, __u32 protocol) {
  bool refused = was_refused(held, protocol);
  if (held->why & MOVED) state->redispatches[at]++;
  if (held->why & CLIENT_RESET) state->client_resets[at]++;
  if (held->why & SERVER_RESET) *(refused ? &state->connect_errors[at] : &state->server_resets[at]) += 1;
  /* Flows of UDP have no other end. */
  if ((held->why & EXPIRED) && protocol == IPPROTO_TCP) {
    *(refused ? &state->connect_timeouts[at] : &state->idle_expired[at]) += 1;
  }
}

/* Gives back what choose counted, and tells the server how it went. */
static __always_inline void give_back(const struct holding *held, __u32 protocol) {
  __u32 service = held->service;
  __u32 pool = held->pool;
  struct service_state *rotation = bpf_map_lookup_elem(&service_states, &service);
  struct pool_state *state = bpf_map_lookup_elem(&pool_states, &pool);
  if (!rotation || !state) return;
  __u32 server = position(held->server, MAX_SERVERS);
  bpf_spin_lock(&state->lock);
  state->active[server]--;
  rotation->active--;
  if (held->why == 0) state->total[server]--;
  count_why(state, server, held, protocol);
  state->bytes_in[server] += held->bytes_in;
  state->bytes_out[server] += held->bytes_out;
  bpf_spin_unlock(&state->lock);
}

/* Gives back all that a connection holds. */
__noinline int release(const struct connection_key *key, const struct holding *held) {
  if (!key || !held) return -1;
  give_back(held, key->protocol);
  if (held->limited) release_source(&key->client, held->service);
  if (held->known_since) release_client(&key->client, held->service, held->known_since);
  return 0;
}

/* Tells the port of bytes that moved, and of the end of one connection if `ended`. */
__noinline int tell_port(const struct connection_key *key, const struct holding *held, int ended) {
  struct port_counters *counters = key && held ? counters_of(key) : NULL;
  if (!counters) return -1;
  if (held->bytes_in) __sync_fetch_and_add(&counters->bytes_in, held->bytes_in);
  if (held->bytes_out) __sync_fetch_and_add(&counters->bytes_out, held->bytes_out);
  if (!ended) return 0;
  __sync_fetch_and_add(&counters->active, -1);
  if (held->why & MOVED) __sync_fetch_and_add(&counters->redispatches, 1);
  if (was_refused(held, key->protocol)) __sync_fetch_and_add(&counters->refused, 1);
  return 0;
}

/* Tells server and port of bytes that moved. */
static __always_inline void tell_bytes(const struct connection_key *key, const struct holding *held) {
  if (held->bytes_in == 0 && held->bytes_out == 0) return;
  __u32 pool = held->pool;
  struct pool_state *state = bpf_map_lookup_elem(&pool_states, &pool);
  if (!state) return;
  __u32 server = position(held->server, MAX_SERVERS);
  bpf_spin_lock(&state->lock);
  state->bytes_in[server] += held->bytes_in;
  state->bytes_out[server] += held->bytes_out;
  bpf_spin_unlock(&state->lock);
  tell_port(key, held, false);
}

/* Under the lock of the connection: what it has to tell, which is told from now on. */
static __always_inline void take_account(struct connection *c, struct holding *held) {
  __u64 in = c->bytes_in;
  __u64 out = c->bytes_out;
  held->service = c->service;
  held->pool = c->pool;
  held->server = c->server;
  held->limited = c->limited;
  held->known_since = c->known_since;
  held->state = c->state;
  held->opened_ns = c->opened_ns;
  held->mark = c->mark;
  held->all_in = in;
  held->all_out = out;
  held->bytes_in = in - c->counted_in;
  held->bytes_out = out - c->counted_out;
  c->counted_in = in;
  c->counted_out = out;
}

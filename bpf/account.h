/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What is counted of connections beside how many there are: how each ended, once, at its end; and its bytes. Packets add
 * to their connection alone; what has come since is added to the sums of its server and port by the sweep, which visits
 * every connection anyway, and by what takes its place.
 */
#pragma once
#include <bpf/bpf_endian.h>
#include "choose.h"
#include "limits.h"
#include "maps.h"
#include "parse.h"

static __noinline struct port_counters *counters_of(const struct connection_key *key) {
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
    __sync_fetch_and_add(&counters->active, 1);
    return;
  }
  __sync_fetch_and_add(&counters->refused, 1);
  if (chosen == AT_SERVER_LIMITS) __sync_fetch_and_add(&counters->at_server_limits, 1);
  if (chosen == AT_SERVICE_LIMIT) __sync_fetch_and_add(&counters->at_service_limit, 1);
  if (chosen == AT_SOURCE_LIMIT) __sync_fetch_and_add(&counters->at_source_limit, 1);
  if (chosen == AT_SOURCE_RATE) __sync_fetch_and_add(&counters->at_source_rate, 1);
}

/* A connection has ended: how, by the bits of its state. */
__noinline int count_end(const struct connection_key *key, __u32 pool, __u32 server, __u32 bits) {
  if (!key) return -1;
  __u32 at = position(server, MAX_SERVERS);
  struct pool_state *state = bpf_map_lookup_elem(&pool_states, &pool);
  struct port_counters *counters = counters_of(key);
  if (counters) __sync_fetch_and_sub(&counters->active, 1);
  if (!state) return -1;
  bool refused = false;
  if (bits & MOVED) {
    __sync_fetch_and_add(&state->redispatches[at], 1);
  } else if (bits & EXPIRED) {
    refused = key->protocol == IPPROTO_TCP && !(bits & ESTABLISHED);
    __sync_fetch_and_add(refused ? &state->connect_timeouts[at] : &state->idle_expired[at], 1);
  } else if (bits & BY_SERVER) {
    refused = !(bits & ANSWERED);
    __sync_fetch_and_add(refused ? &state->connect_errors[at] : &state->server_resets[at], 1);
  } else if (bits & BY_CLIENT) {
    __sync_fetch_and_add(&state->client_resets[at], 1);
  }
  if (refused && counters) __sync_fetch_and_add(&counters->refused, 1);
  return 0;
}

/* Bytes that no sum has yet. */
struct uncounted {
  __u64 in;
  __u64 out;
};

/* Only under the connection's lock, so that each byte is taken once. */
static __always_inline void take_bytes(struct connection *c, struct uncounted *bytes) {
  bytes->in = c->bytes_in - c->counted_in;
  bytes->out = c->bytes_out - c->counted_out;
  c->counted_in += bytes->in;
  c->counted_out += bytes->out;
}

__noinline int count_bytes(const struct connection_key *key, __u32 pool, __u32 server, const struct uncounted *bytes) {
  if (!key || !bytes) return -1;
  __u32 at = position(server, MAX_SERVERS);
  struct pool_state *state = bpf_map_lookup_elem(&pool_states, &pool);
  if (state) {
    __sync_fetch_and_add(&state->bytes_in[at], bytes->in);
    __sync_fetch_and_add(&state->bytes_out[at], bytes->out);
  }
  struct port_counters *counters = counters_of(key);
  if (counters) {
    __sync_fetch_and_add(&counters->bytes_in, bytes->in);
    __sync_fetch_and_add(&counters->bytes_out, bytes->out);
  }
  return 0;
}

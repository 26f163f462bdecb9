/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Which server a client of a service came to before. An entry lives while its client has connections, and persistence_ns
 * after. A full table gives up, near enough, what was used least recently (the kernel's LRU). That may be an entry that
 * connections hold, so they remember its birth and let go of no other's.
 */
#pragma once
#include "maps.h"

static __always_inline struct known_client *find_client(const struct address *client, __u32 service) {
  void *table = bpf_map_lookup_elem(&persistence, &service);
  return table ? bpf_map_lookup_elem(table, client) : NULL;
}

static __always_inline bool is_stale(const struct known_client *known, __u64 now, __u64 lives) {
  return known->holders == 0 && known->used_ns + lives <= now;
}

/* The client has one more connection; `follows`: though to another server, because its own is full. Returns the birth. */
__noinline __u64 hold_client(const struct address *client, __u32 service, __u32 server, __u32 generation, int follows) {
  if (!client) return 0;
  __u64 now = bpf_ktime_get_ns();
  void *table = bpf_map_lookup_elem(&persistence, &service);
  if (!table) return 0;
  struct known_client *known = bpf_map_lookup_elem(table, client);
  if (!known) {
    struct known_client fresh = {.since = now, .server = server, .generation = generation};
    if (bpf_map_update_elem(table, client, &fresh, BPF_NOEXIST) == 0) {
      struct service_state *state = bpf_map_lookup_elem(&service_states, &service);
      if (state) __sync_fetch_and_add(&state->known, 1);
    }
    known = bpf_map_lookup_elem(table, client);
    if (!known) return 0;
  } else if (!follows) {
    known->server = server;
    known->generation = generation;
  }
  __sync_fetch_and_add(&known->holders, 1);
  known->used_ns = now;
  return known->since;
}

__noinline int release_client(const struct address *client, __u32 service, __u64 since) {
  if (!client) return -1;
  struct known_client *known = find_client(client, service);
  if (!known || known->since != since) return -1;
  known->used_ns = bpf_ktime_get_ns();
  __sync_fetch_and_sub(&known->holders, 1);
  return 0;
}

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Run by the control process: ends connections without payload for longer than their service allows, and removes those
 * that ended a while ago. What expired is told through the ring buffer, for both ends are to be reset.
 */
#pragma once
#include "connections.h"

/* Entries stay so long after their end, for CPUs that still hold them and for packets sent again. */
#define LINGER_NS 1000000000ull

struct expired {
  struct connection_key key;
  __u32 client_next;
  __u32 server_next;
  __u32 mark;
  __u32 unused;
};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 20);
} expirations SEC(".maps");

/* What the control process asks and is answered. */
struct sweep {
  __u64 seen;
  __u64 expired;
  __u64 removed;
  __u64 untold; /* no room in the ring buffer: these are tried again by the next sweep */
};

struct sweep_at {
  __u64 now;
  struct sweep found;
};

/* How long it may be silent; 0: for ever. */
static __always_inline __u64 patience_of(__u32 protocol, const struct connection *c, const struct service *service) {
  if (protocol == IPPROTO_UDP) return service->udp_idle_ns;
  return c->state & ESTABLISHED ? service->idle_ns : service->connecting_ns;
}

static long sweep_source(void *map, struct source_key *key, struct source *source, struct sweep_at *at) {
  if (source->held == 0 && source->full_at + SECOND_NS < at->now) {
    struct source_key copy = *key;
    bpf_map_delete_elem(&limited_sources, &copy);
  }
  return 0;
}

static __always_inline void add_up(const struct connection_key *key, struct connection *c) {
  struct connection_key copy = *key;
  struct uncounted bytes = {};
  __u32 pool = c->pool;
  __u32 server = c->server;
  bpf_spin_lock(&c->lock);
  take_bytes(c, &bytes);
  bpf_spin_unlock(&c->lock);
  count_bytes(&copy, pool, server, &bytes);
}

static long sweep_one(void *map, struct connection_key *key, struct connection *c, struct sweep_at *at) {
  at->found.seen++;
  if (c->bytes_in != c->counted_in || c->bytes_out != c->counted_out) add_up(key, c);
  if (c->state & DONE) {
    if (at->now > c->done_ns + LINGER_NS) {
      struct connection_key copy = *key;
      bpf_map_delete_elem(&connections, &copy);
      at->found.removed++;
    }
    return 0;
  }
  __u32 number = c->service;
  struct service *service = bpf_map_lookup_elem(&services, &number);
  __u64 patience = service ? patience_of(key->protocol, c, service) : 0;
  if (patience == 0 || at->now < c->active_ns + patience) return 0;
  struct expired *told = bpf_ringbuf_reserve(&expirations, sizeof(*told), 0);
  if (!told) {
    at->found.untold++;
    return 0;
  }
  told->key = *key;
  told->client_next = c->client_next;
  told->server_next = c->server_next;
  told->mark = c->mark;
  told->unused = 0;
  bpf_ringbuf_submit(told, 0);
  struct connection_key copy = *key;
  end(&copy, c, EXPIRED);
  at->found.expired++;
  return 0;
}

SEC("syscall")
int sweep(struct sweep *asked) {
  struct sweep_at at = {.now = bpf_ktime_get_ns()};
  bpf_for_each_map_elem(&connections, sweep_one, &at, 0);
  bpf_for_each_map_elem(&limited_sources, sweep_source, &at, 0);
  *asked = at.found;
  return 0;
}

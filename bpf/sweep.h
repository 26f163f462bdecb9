/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Run by the control process: ends connections without payload for longer than their service allows, and removes those
 * that ended a while ago. What expired is told through the ring buffer, for both ends are to be reset.
 */
#pragma once
#include "connections.h"

/* Entries stay so long after their end, for CPUs that still hold them and for packets sent again. */
#define LINGER_NS 1000000000ull
/*
 * Of a direct one after its last packet: its client has ended, and its server may have more to say. Of one that goes the
 * short way while an end has not acknowledged the other's FIN: what was lost behind us is sent again, to be translated.
 */
#define LONG_LINGER_NS (30 * LINGER_NS)

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

static __always_inline bool lingers(__u32 state) {
  if (state & OVER) return false;
  return (state & DIRECT) || ((state & SHORT) && (state & BOTH_HAVE_ALL) != BOTH_HAVE_ALL);
}

/*
 * Tells what moved since the last look. True: it ended a while ago, and from here on no connection begins in its place.
 */
static __always_inline bool account(const struct connection_key *key, struct connection *c, __u64 now) {
  if (!(c->state & DONE) && c->bytes_in == c->counted_in && c->bytes_out == c->counted_out) return false;
  struct holding held = {};
  bool closed = false;
  bpf_spin_lock(&c->lock);
  take_account(c, &held);
  if ((c->state & DONE) && now > c->done_ns + (lingers(c->state) ? LONG_LINGER_NS : LINGER_NS)) {
    c->state |= GONE;
    closed = true;
  }
  bpf_spin_unlock(&c->lock);
  tell_bytes(key, &held);
  return closed;
}

/* Ends it if it has been silent for too long. */
static __always_inline void expire(const struct connection_key *key, struct connection *c, struct sweep_at *at) {
  __u32 number = c->service;
  __u64 opened = c->opened_ns;
  struct service *service = bpf_map_lookup_elem(&services, &number);
  __u64 patience = service ? patience_of(key->protocol, c, service) : 0;
  if (patience == 0 || at->now < c->active_ns + patience) return;
  struct expired *told = bpf_ringbuf_reserve(&expirations, sizeof(*told), 0);
  if (!told) {
    at->found.untold++;
    return;
  }
  told->key = *key;
  told->client_next = c->client_next;
  told->server_next = c->server_next;
  told->mark = c->mark;
  told->state = c->state;
  told->way = c->way;
  told->unused = 0;
  /* It may have ended by itself meanwhile. */
  if (!end(key, opened, EXPIRED)) {
    bpf_ringbuf_discard(told, 0);
    return;
  }
  bpf_ringbuf_submit(told, 0);
  at->found.expired++;
}

static long sweep_one(void *map, struct connection_key *key, struct connection *c, struct sweep_at *at) {
  struct connection_key copy = *key;
  at->found.seen++;
  if (account(&copy, c, at->now)) {
    leave_way(c->state, &c->way);
    bpf_map_delete_elem(&connections, &copy);
    at->found.removed++;
  } else if (!(c->state & DONE)) {
    expire(&copy, c, at);
  }
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

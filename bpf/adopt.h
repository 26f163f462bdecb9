/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Run by the control process when a service gets another table of known clients, or its first limits per source: who has
 * connections already is known, and counts.
 */
#pragma once
#include "connections.h"

struct adopt {
  __u32 service;
  __u32 clients; /* 1: they come to be known */
  __u32 sources; /* 1: they come to count at their sources */
  __u32 adopted; /* answer: connections that hold more than before */
};

/* Not one that the table knows already, for it was opened a moment ago. Clients of the fallback are remembered by nobody. */
static __always_inline bool adopt_client(const struct connection_key *key, struct connection *c, const struct adopt *asked) {
  if (c->server == FALLBACK) return false;
  __u32 number = c->pool;
  struct pool *pool = bpf_map_lookup_elem(&pools, &number);
  struct known_client *known = find_client(&key->client, asked->service);
  if (!pool || (known && known->since == c->known_since)) return false;
  __u32 at = position(c->server, MAX_SERVERS);
  __u64 since = hold_client(&key->client, asked->service, at, pool->servers[at].generation, true);
  bool held = false;
  bpf_spin_lock(&c->lock);
  if (!(c->state & DONE)) {
    c->known_since = since;
    held = true;
  }
  bpf_spin_unlock(&c->lock);
  if (!held) release_client(&key->client, asked->service, since);
  return held;
}

/* Also beyond the limit: nobody is cut. */
static __always_inline bool adopt_source(const struct connection_key *key, struct connection *c, const struct adopt *asked) {
  if (c->limited || !hold_source(&key->client, asked->service)) return false;
  bool held = false;
  bpf_spin_lock(&c->lock);
  if (!(c->state & DONE) && !c->limited) {
    c->limited = 1;
    held = true;
  }
  bpf_spin_unlock(&c->lock);
  if (!held) release_source(&key->client, asked->service);
  return held;
}

static long adopt_one(void *map, struct connection_key *key, struct connection *c, struct adopt *asked) {
  if ((c->state & DONE) || c->service != asked->service) return 0;
  struct connection_key copy = *key;
  if (asked->clients && adopt_client(&copy, c, asked)) asked->adopted++;
  if (asked->sources && adopt_source(&copy, c, asked)) asked->adopted++;
  return 0;
}

SEC("syscall")
int adopt(struct adopt *asked) {
  struct adopt at = *asked;
  bpf_for_each_map_elem(&connections, adopt_one, &at, 0);
  asked->adopted = at.adopted;
  return 0;
}

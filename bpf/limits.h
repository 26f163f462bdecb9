/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What one source may take: connections held, and new ones in a second. A source is an IPv4 address or an IPv6 network of
 * 64 bits (RFC 4291 section 2.5.4). The pace is a token bucket of one second, kept as the time at which it is full again
 * (the generic cell rate algorithm, ITU-T I.371). The sweep empties the table; while it is full, new sources are refused.
 */
#pragma once
#include <bpf/bpf_endian.h>
#include "maps.h"

#define SECOND_NS 1000000000ull
#define AT_SOURCE_LIMIT -4
#define AT_SOURCE_RATE -5

static __always_inline bool limits_sources(const struct service *service) {
  return service->connections_per_source || service->new_per_second_per_source;
}

static __always_inline void source_of(struct source_key *key, const struct address *client, __u32 service) {
  key->source = *client;
  key->service = service;
  bool v4 = client->words[0] == 0 && client->words[1] == 0 && client->words[2] == bpf_htonl(0xffff);
  if (!v4) key->source.words[2] = key->source.words[3] = 0;
}

static __always_inline struct source *source_at(const struct source_key *key) {
  struct source *source = bpf_map_lookup_elem(&limited_sources, key);
  if (source) return source;
  struct source fresh = {.full_at = bpf_ktime_get_ns()};
  bpf_map_update_elem(&limited_sources, key, &fresh, BPF_NOEXIST);
  return bpf_map_lookup_elem(&limited_sources, key);
}

/* One more connection, whatever the limit; 0: no room. */
__noinline int hold_source(const struct address *client, __u32 number) {
  if (!client) return 0;
  struct source_key key = {};
  source_of(&key, client, number);
  struct source *source = source_at(&key);
  if (!source) return 0;
  bpf_spin_lock(&source->lock);
  source->held++;
  bpf_spin_unlock(&source->lock);
  return 1;
}

/* Takes one connection and one token; a redispatch takes no second token. 0 or a refusal. */
__noinline int admit_source(const struct address *client, __u32 number, int again) {
  struct service *service = bpf_map_lookup_elem(&services, &number);
  if (!service || !client) return AT_SOURCE_LIMIT;
  struct source_key key = {};
  source_of(&key, client, number);
  struct source *source = source_at(&key);
  if (!source) return AT_SOURCE_LIMIT;
  __u64 now = bpf_ktime_get_ns();
  __u32 most = service->connections_per_source;
  __u32 pace = again ? 0 : service->new_per_second_per_source;
  __u64 token = pace ? SECOND_NS / pace : 0;
  int verdict = 0;
  bpf_spin_lock(&source->lock);
  __u64 full = source->full_at > now ? source->full_at : now;
  if (most && source->held >= most) {
    verdict = AT_SOURCE_LIMIT;
  } else if (pace && full + token > now + SECOND_NS) {
    verdict = AT_SOURCE_RATE;
  } else {
    source->held++;
    /* Also without a pace: the sweep takes away what was not used for a second, and not what is being counted now. */
    source->full_at = full + token;
  }
  bpf_spin_unlock(&source->lock);
  return verdict;
}

__noinline int release_source(const struct address *client, __u32 number) {
  if (!client) return -1;
  struct source_key key = {};
  source_of(&key, client, number);
  struct source *source = bpf_map_lookup_elem(&limited_sources, &key);
  if (!source) return -1;
  bpf_spin_lock(&source->lock);
  if (source->held) source->held--;
  bpf_spin_unlock(&source->lock);
  return 0;
}

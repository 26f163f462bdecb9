/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Tells of each connection that it was opened, and that it ended and why, as long as somebody wants to know. What finds no
 * room is counted, and who reads looks through the table then.
 */
#pragma once
#include "accounts.h"

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 21);
} lifecycles SEC(".maps");

__noinline int tell_lifecycle(const struct connection_key *key, const struct holding *held) {
  __u32 zero = 0;
  struct switches *set = bpf_map_lookup_elem(&switches, &zero);
  if (!key || !held || !set || !set->lifecycle) return 0;
  struct lifecycle *told = bpf_ringbuf_reserve(&lifecycles, sizeof(*told), 0);
  if (!told) {
    __sync_fetch_and_add(&set->lifecycle_lost, 1);
    return -1;
  }
  told->key = *key;
  told->at_ns = bpf_ktime_get_ns();
  told->opened_ns = held->opened_ns;
  told->bytes_in = held->all_in;
  told->bytes_out = held->all_out;
  told->service = held->service;
  told->pool = held->pool;
  told->server = held->server;
  told->mark = held->mark;
  told->why = held->why;
  told->unused = 0;
  /* Who reads comes by itself: no wake-up for each. */
  bpf_ringbuf_submit(told, BPF_RB_NO_WAKEUP);
  return 1;
}

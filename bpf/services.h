/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which virtual service a packet is for. */
#pragma once
#include <stddef.h>
#include "maps.h"

/* Keeps the compiler from dropping the mask that the verifier wants to see. */
#define KEEP(x) asm volatile("" : "+r"(x))

static __always_inline struct vip *vip_of(const struct address *address, __u32 protocol) {
  struct vip_key key = {.vip = *address, .protocol = protocol};
  return bpf_map_lookup_elem(&vips, &key);
}

/* The range that this port of the VIP is in, or NULL. A range of any length is one entry: binary search. */
static __always_inline const struct port_range *range_of(const struct vip *vip, __u16 port) {
  __u32 low = 0;
  __u32 high = vip->count < MAX_RANGES ? vip->count : MAX_RANGES;
  /* The least range whose last port is not below; 2^6 ranges take six halvings and a last look. */
  for (int i = 0; i < 7; i++) {
    if (low >= high) break;
    __u32 middle = (low + high) / 2;
    KEEP(middle);
    middle &= MAX_RANGES - 1;
    if (vip->ranges[middle].last < port) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low >= vip->count || low >= MAX_RANGES) return NULL;
  KEEP(low);
  low &= MAX_RANGES - 1;
  return vip->ranges[low].first <= port ? &vip->ranges[low] : NULL;
}

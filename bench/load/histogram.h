/* Log-linear histogram of durations: 32 steps per power of two, so a value is known within about 3 %. */
#pragma once
#include <stdint.h>
#include <string.h>

#define STEP_BITS 5
#define STEPS (1u << STEP_BITS)
#define BUCKETS ((64 - STEP_BITS + 1) * STEPS)

struct histogram {
  uint64_t total, greatest;
  uint64_t bucket[BUCKETS];
};

static inline unsigned bucket_of(uint64_t ns) {
  if (ns < STEPS) return (unsigned)ns;
  unsigned power = 63u - (unsigned)__builtin_clzll(ns);
  return (power - STEP_BITS + 1) * STEPS + (unsigned)((ns >> (power - STEP_BITS)) & (STEPS - 1));
}

static inline void histogram_add(struct histogram *h, uint64_t ns) {
  h->bucket[bucket_of(ns)]++;
  h->total++;
  if (ns > h->greatest) h->greatest = ns;
}

static inline void histogram_merge(struct histogram *into, const struct histogram *from) {
  for (unsigned i = 0; i < BUCKETS; i++) into->bucket[i] += from->bucket[i];
  into->total += from->total;
  if (from->greatest > into->greatest) into->greatest = from->greatest;
}

/* The middle of the bucket in which the given share (0…1) of all values is reached, in microseconds. */
static inline double histogram_us(const struct histogram *h, double share) {
  uint64_t wanted = (uint64_t)(share * (double)h->total), seen = 0;
  if (!h->total) return 0;
  for (unsigned i = 0; i < BUCKETS; i++) {
    seen += h->bucket[i];
    if (seen <= wanted) continue;
    if (i < STEPS) return i / 1e3;
    unsigned power = i / STEPS + STEP_BITS - 1;
    double middle = ((double)(STEPS + i % STEPS) + 0.5) * (double)(1ull << (power - STEP_BITS));
    return (middle < (double)h->greatest ? middle : (double)h->greatest) / 1e3;
  }
  return (double)h->greatest / 1e3;
}

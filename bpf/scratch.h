/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the programs' steps hand to each other: too large for a stack, so each CPU has a place for it. */
#pragma once
#include "maps.h"

/* What is asked, and what else is answered. */
struct question {
  __u32 service;
  __u32 pool;
  int hinted;           /* the position that Maglev's table names, or -1 */
  int excluded;         /* a position that must not be chosen, or -1 */
  int known;            /* the position of the server that the client came to before, or -1 */
  __u32 generation;     /* which server that was */
  __u32 known_is_usable; /* though perhaps at its limit */
};

/* A connection that is being opened: what becomes of it in the table. */
struct beginning {
  __u32 service;
  __u32 pool;
  __u32 server;
  __u32 mark;
  __u32 limited;
  __u32 client_first;
  __u32 state;
  __u64 known_since;
  __u64 opened_ns;
  __u32 short_way;
  __u32 server_port; /* host byte order */
  __u32 server_interface;
  __u32 client_interface;
  __u32 mtu;
  struct way_key way;
};

/* What a connection holds, and what it has to tell when it gives that back. */
struct holding {
  __u32 service;
  __u32 pool;
  __u32 server;
  __u32 limited;
  __u32 state;
  __u32 why; /* the bits of state that ended it; 0: it was never there */
  __u64 known_since;
  __u64 bytes_in; /* not told yet */
  __u64 bytes_out;
  __u64 opened_ns;
  __u64 all_in;
  __u64 all_out;
  __u32 mark;
};

#define SUMMED 512 /* what bpf_csum_diff takes at once */

/* Of the CPU that works with it, in programs at the hooks alone; a stack has 512 bytes along a chain of calls. */
struct scratch {
  __u64 waits[MAX_SERVERS];
  __u64 answers_full_at; /* when it may again say as much at once as it may (answer.h) */
  __u8 summed[SUMMED];   /* bytes of a packet */
  /* What the loop over the servers keeps lies here and not in registers: the verifier then knows nothing of it, and has
     one way through the loop to check and not one for each order of servers. */
  __u64 best_cost;
  __u32 best_weight;
  __s32 sum;
  __u32 scheduler;
  __u32 count;
  __u32 start;
  int hinted;   /* the position that Maglev's table names, or -1 */
  int excluded; /* a position, or -1 */
  struct question question;
  struct beginning fresh;
  struct holding held;
  struct port_counters zeros; /* never written */
  struct { /* never written: the object's type information so tells of them */
    struct known_client known;
    struct expired expired;
    struct lifecycle lifecycle;
  } layouts;
};

MAP(BPF_MAP_TYPE_PERCPU_ARRAY, 1, __u32, struct scratch, scratches);

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the control process and the programs share. The control process writes services, pools and ports; the programs
 * write states, counters and connections. It reads these layouts from the object's BTF, so they stand nowhere else.
 */
#pragma once
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#define MAX_VIPS 1024
#define MAX_RANGES 64 /* runs of ports of one VIP and protocol */
#define MAX_SERVICES 256
#define MAX_POOLS 128
#define MAX_SERVERS 64 /* positions of a pool; the last one is its fallback, which no scheduler sees */
#define FALLBACK (MAX_SERVERS - 1)
#define MAX_SOURCES 64 /* of one service */
#define MAX_CONNECTIONS 1048576 /* the control process sets the size of this machine at load */
#define MAX_PORT_COUNTERS 65536

enum scheduler { ROUND_ROBIN, WEIGHTED_ROUND_ROBIN, LEAST_CONNECTIONS, WEIGHTED_LEAST_CONNECTIONS };

/* IPv4 as ::ffff:a.b.c.d, so that there is one kind of key. Network byte order. */
struct address {
  __u32 words[4];
};

struct vip_key {
  struct address vip;
  __u32 protocol;
};

struct port_range {
  __u16 first; /* host byte order; the ranges of a VIP rise and do not overlap */
  __u16 last;
  __u16 service;
  __u16 unused;
};

struct vip {
  __u32 count;
  struct port_range ranges[MAX_RANGES];
};

struct service {
  __u32 pool;
  __u32 scheduler;
  __u32 max_connections; /* 0: no limit */
  __u32 source_count;    /* 0: clients' own addresses stay (half-NAT) */
  __u8 sources[MAX_SOURCES]; /* numbers of the SNAT pool's addresses, each in its turn */
  __u64 idle_ns;
};

/* Written under the lock of the service's pool. */
struct service_state {
  __u32 cursor; /* where the search for the next server starts, so that ties rotate */
  __u32 active;
  __s32 best; /* scratch of the schedulers, so that the verifier takes it for any number and checks each step once */
  __u32 source_turn;
  __u32 full; /* scratch: a selectable server was passed over because it is at its limit */
  __s32 current[MAX_SERVERS]; /* smooth weighted round robin */
};

struct server {
  __u32 weight;
  __u32 selectable;
  __u32 max_connections; /* 0: no limit */
  __u32 target;          /* what the translation knows the server by */
};

struct pool {
  __u32 count; /* positions in use */
  struct server servers[MAX_SERVERS];
};

struct pool_state {
  struct bpf_spin_lock lock;
  __u32 active[MAX_SERVERS];
  __u64 total[MAX_SERVERS];
};

struct connection_key {
  struct address client;
  struct address vip;
  __u16 client_port; /* both in network byte order */
  __u16 vip_port;
  __u32 protocol;
};

/* Bits of a connection's state. */
#define CLIENT_ENDED 1 /* its FIN was seen */
#define SERVER_ENDED 2
#define RESET 4
#define EXPIRED 8
#define DONE 16 /* its count was given back; set once, under the lock */

struct connection {
  struct bpf_spin_lock lock;
  __u32 state;
  __u32 service;
  __u32 pool;
  __u32 server;
  __u32 mark;
  __u32 client_next; /* TCP sequence numbers that a reset has to have */
  __u32 server_next;
  __u64 opened_ns; /* of the monotonic clock */
  __u64 active_ns; /* last payload byte or first packet */
  __u64 done_ns;
  __u64 bytes_in;
  __u64 bytes_out;
};

struct port_key {
  struct address vip;
  __u16 port; /* host byte order */
  __u16 protocol;
};

struct port_counters {
  __u64 total;
  __u64 refused;
  __u64 at_server_limits;
  __u64 at_service_limit;
};

#define MAP(kind, entries, key_type, value_type, name)                                                                 \
  struct {                                                                                                             \
    __uint(type, kind);                                                                                                \
    __uint(max_entries, entries);                                                                                      \
    __type(key, key_type);                                                                                             \
    __type(value, value_type);                                                                                         \
  } name SEC(".maps")

MAP(BPF_MAP_TYPE_HASH, MAX_VIPS, struct vip_key, struct vip, vips);
MAP(BPF_MAP_TYPE_ARRAY, MAX_SERVICES, __u32, struct service, services);
MAP(BPF_MAP_TYPE_ARRAY, MAX_SERVICES, __u32, struct service_state, service_states);
MAP(BPF_MAP_TYPE_ARRAY, MAX_POOLS, __u32, struct pool, pools);
MAP(BPF_MAP_TYPE_ARRAY, MAX_POOLS, __u32, struct pool_state, pool_states);
MAP(BPF_MAP_TYPE_HASH, MAX_CONNECTIONS, struct connection_key, struct connection, connections);
MAP(BPF_MAP_TYPE_HASH, MAX_PORT_COUNTERS, struct port_key, struct port_counters, port_counters);

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the control process and the programs share. The control process writes services, pools and ports; the programs
 * write states, counters and connections. It reads these layouts from the object's BTF, so they stand nowhere else.
 */
#pragma once
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_VIPS 1024
#define MAX_RANGES 64 /* runs of ports of one VIP and protocol */
#define MAX_SERVICES 256
#define MAX_POOLS 128
#define MAX_SERVERS 64 /* positions of a pool; the last one is its fallback, which no scheduler sees */
#define FALLBACK (MAX_SERVERS - 1)
#define MAX_SOURCES 64 /* of one service */
#define MAX_SOURCE_ADDRESSES 256 /* by their numbers, of which 0 is none */
#define MAX_CONNECTIONS 1048576 /* the control process sets the size of this machine at load */
#define MAX_PORT_COUNTERS 65536

#define MAGLEV_SIZE 65537 /* src/scheduler/maglev.ts */

enum scheduler {
  ROUND_ROBIN,
  WEIGHTED_ROUND_ROBIN,
  LEAST_CONNECTIONS,
  WEIGHTED_LEAST_CONNECTIONS,
  SOURCE_HASH,
  MAGLEV_HASH,
};

/* IPv4 as ::ffff:a.b.c.d, so that there is one kind of key. Network byte order. */
struct address {
  __u32 words[4];
};

static __always_inline bool is_ipv4(const struct address *a) {
  return a->words[0] == 0 && a->words[1] == 0 && a->words[2] == bpf_htonl(0xffff);
}

struct vip_key {
  struct address vip;
  __u32 protocol;
};

struct port_range {
  __u16 first; /* host byte order; the ranges of a VIP rise and do not overlap */
  __u16 last;
  __u16 service;
  __u16 mapped; /* not 0: servers have other ports; the number of the range in mapped_targets */
};

struct vip {
  __u32 count;
  struct port_range ranges[MAX_RANGES];
};

/* What the translation knows a server by where its port is not the client's. */
struct mapped_key {
  __u16 range; /* `mapped` */
  __u16 server;
  __u32 offset; /* of the port in its range */
};

struct mapped_target {
  __u16 number;
  __u16 port; /* host byte order */
};

struct service {
  __u32 pool;
  __u32 scheduler;
  __u32 max_connections; /* 0: no limit */
  __u32 direct;          /* 1: packets go on to the server as they are, and it answers past us */
  __u32 short_way;       /* 1: its TCP connections are translated here, where that can be (way.h) */
  __u32 source_count;    /* 0: clients' own addresses stay (half-NAT) */
  __u8 sources[MAX_SOURCES]; /* numbers of the SNAT pool's addresses, each in its turn */
  __u32 connections_per_source; /* 0: no limit; the next too */
  __u32 new_per_second_per_source;
  __u64 idle_ns;        /* 0: never; so are the next two */
  __u64 connecting_ns;  /* until the client has answered the server's SYN */
  __u64 udp_idle_ns;
  __u64 persistence_ns; /* how long a client is known after its last connection; 0: not at all */
};

/* Written under the lock of the service's pool. */
struct service_state {
  __u32 cursor; /* where the search for the next server starts, so that ties rotate */
  __u32 active;
  __s32 best; /* scratch of the schedulers, so that the verifier takes it for any number and checks each step once */
  __u32 full; /* scratch: a selectable server was passed over because it is at its limit */
  __s32 current[MAX_SERVERS]; /* smooth weighted round robin */
  __u32 source_turns[MAX_SERVERS]; /* of each server, which has each port of each address once */
  __u64 known; /* clients that came to be known, ever */
};

#define SELECTABLE 1
#define FOR_KNOWN_CLIENTS 2 /* a drain that keeps those whom persistence sends there */

struct server {
  __u32 weight;
  __u32 selectable; /* 0: not at all */
  __u32 max_connections; /* 0: no limit */
  __u32 target;          /* what the translation knows the server by */
  __u32 generation;      /* another one when the position has a new server */
  __u32 identity;        /* hash of its address, for the hashing schedulers */
  __u32 lost;            /* down, and conntrack has no half-open connection to it any more */
  struct address address;
  __u32 port; /* of a fallback that has its own; 0: that of the VIP */
};

struct pool {
  __u32 count; /* positions in use */
  struct server servers[MAX_SERVERS];
};

/* Of servers, over all services. Bytes are those of the last sweep; connections that ended add theirs at once. */
struct pool_state {
  struct bpf_spin_lock lock;
  __u32 active[MAX_SERVERS];
  __u64 total[MAX_SERVERS];
  __u64 bytes_in[MAX_SERVERS];
  __u64 bytes_out[MAX_SERVERS];
  __u64 connect_errors[MAX_SERVERS]; /* ended by a reset before the server had answered */
  __u64 connect_timeouts[MAX_SERVERS];
  __u64 redispatches[MAX_SERVERS]; /* it was lost before it answered, and another one was asked */
  __u64 source_shortages[MAX_SERVERS]; /* it was chosen, and no source port was free towards it */
  __u64 idle_expired[MAX_SERVERS];
  __u64 server_resets[MAX_SERVERS];
  __u64 client_resets[MAX_SERVERS];
};

struct maglev {
  __u8 servers[MAGLEV_SIZE];
};

/*
 * The other end of a connection that goes the short way, as its server sees it. That it stands in the table is what keeps
 * the port from others.
 */
struct way_key {
  struct address server;
  struct address source; /* half-NAT: the client */
  __u16 server_port;     /* both in network byte order */
  __u16 source_port;
};

/* An address of the SNAT pool, by its number. */
struct source_address {
  struct address address;
  __u16 first_port; /* host byte order */
  __u16 last_port;
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
#define CLIENT_RESET 4
#define EXPIRED 8
#define DONE 16 /* its count was given back; set once, under the lock */
#define MOVED 32 /* its server was lost before it answered, and another one was chosen */
#define ANSWERED 64 /* the server's SYN was seen */
#define ESTABLISHED 128 /* and the client's answer to it */
#define GONE 256 /* it is about to be removed, and nothing may begin in its place any more */
#define SERVER_RESET 512
#define COMMANDED 1024 /* somebody's word ended it */
#define DIRECT 2048 /* of a direct service: the server's side is not seen */
#define SHORT 4096 /* translated here; conntrack does not know of it */
#define CLIENT_HAS_ALL 8192 /* the client acknowledged the server's FIN */
#define SERVER_HAS_ALL 16384 /* and the server the client's */

/* What each packet looks at comes first: it then lies in fewer lines of the cache. */
struct connection {
  struct bpf_spin_lock lock;
  __u32 state;
  __u32 client_next; /* TCP sequence numbers that a reset has to have */
  __u32 server_next;
  __u64 opened_ns; /* of the monotonic clock */
  __u64 active_ns; /* last payload byte or first packet */
  __u64 bytes_in;
  __u64 bytes_out;
  struct way_key way; /* of one that goes the short way; so are the next three */
  __u32 server_interface;
  __u32 client_interface;
  __u32 mtu; /* the smaller one of both routes */
  __u64 counted_in; /* of these bytes, how many its server and its port have been told of */
  __u64 counted_out;
  __u64 known_since; /* the birth of the entry of persistence that it holds; 0: none */
  __u64 done_ns;
  __u32 service;
  __u32 pool;
  __u32 server;
  __u32 mark;
  __u32 limited;      /* 1: it counts at its source */
  __u32 client_first; /* the number of the SYN that the client means */
};

struct port_key {
  struct address vip;
  __u16 port; /* host byte order */
  __u16 protocol;
};

struct port_counters {
  __u64 active;
  __u64 total;
  __u64 refused;
  __u64 at_server_limits;
  __u64 at_service_limit;
  __u64 at_source_limit;
  __u64 at_source_rate;
  __u64 redispatches;
  __u64 bytes_in; /* as those of servers */
  __u64 bytes_out;
};

struct source_key {
  struct address source; /* of IPv6 the network of 64 bits */
  __u32 service;
};

struct source {
  struct bpf_spin_lock lock;
  __u32 held;
  __u64 full_at; /* when its bucket of tokens will be full again */
};

struct known_client {
  __u64 since; /* its birth, by which connections know it */
  __u64 used_ns;
  __u32 server;
  __u32 generation;
  __u32 holders;
  __u32 unused;
};

/* In the ring buffer of what a sweep ended: what resets to both ends need. */
struct expired {
  struct connection_key key;
  __u32 client_next;
  __u32 server_next;
  __u32 mark;
  __u32 state;
  struct way_key way;
  __u32 unused;
};

/* In the ring buffer of what opens and ends, while somebody wants to know. */
struct lifecycle {
  struct connection_key key;
  __u64 at_ns;
  __u64 opened_ns;
  __u64 bytes_in;
  __u64 bytes_out;
  __u32 service;
  __u32 pool;
  __u32 server;
  __u32 mark;
  __u32 why; /* the bits of state that ended it; 0: it was opened */
  __u32 unused;
};

#define MAX_HOOKED 8

/* Where the programs stand. */
struct place {
  __u32 hooked[MAX_HOOKED]; /* interfaces; 0: no more */
  __u32 of_servers;         /* the interface on which most packets come from servers; 0: none */
  __u32 salt;               /* of this start, so that source ports do not begin where they began before */
};

/* What the control process turns on and off. */
struct switches {
  __u32 lifecycle;
  __u32 unused;
  __u64 lifecycle_lost; /* found no room in the ring buffer */
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
MAP(BPF_MAP_TYPE_HASH, MAX_CONNECTIONS, struct way_key, struct connection_key, ways);
MAP(BPF_MAP_TYPE_ARRAY, MAX_SOURCE_ADDRESSES, __u32, struct source_address, source_addresses);
MAP(BPF_MAP_TYPE_HASH, MAX_PORT_COUNTERS, struct port_key, struct port_counters, port_counters);
MAP(BPF_MAP_TYPE_HASH, 65536, struct mapped_key, struct mapped_target, mapped_targets);
MAP(BPF_MAP_TYPE_ARRAY, MAX_POOLS, __u32, struct maglev, maglevs);
MAP(BPF_MAP_TYPE_HASH, 131072, struct source_key, struct source, limited_sources);
MAP(BPF_MAP_TYPE_ARRAY, 1, __u32, struct switches, switches);
MAP(BPF_MAP_TYPE_ARRAY, 1, __u32, struct place, places);

/* A table for each service that knows its clients, made by the control process in the size that its config says. */
struct known_clients {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1024);
  __type(key, struct address);
  __type(value, struct known_client);
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, MAX_SERVICES);
  __type(key, __u32);
  __array(values, struct known_clients);
} persistence SEC(".maps");

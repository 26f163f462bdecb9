/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Run by the control process for each connection that somebody's word ends: it gives its count back here, once, before
 * conntrack forgets it and both ends are told, which the programs then see nothing new in.
 */
#pragma once
#include "connections.h"

struct finish {
  struct connection_key key;
  __u64 opened_ns; /* which of the connections that had these addresses and ports one after another */
  __u64 moved;     /* 1: its next SYN goes to another server, and nobody is told */
  __u64 finished;  /* answer: 1 when it was open until now */
};

SEC("syscall")
int finish(struct finish *asked) {
  struct connection_key key = asked->key;
  asked->finished = end(&key, asked->opened_ns, asked->moved ? MOVED : COMMANDED);
  return 0;
}

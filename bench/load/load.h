/* The load generator: options, one worker per thread, and what it counts. */
#pragma once
#include "common.h"
#include "histogram.h"

#include <pthread.h>
#include <sys/epoll.h>

#define MAX_MESSAGE 65536
#define EVENTS 256
#define GRACE_NS (2 * NS_PER_SECOND) /* what is still open at the end gets this long to end cleanly */
#define OPEN_NS (10 * NS_PER_SECOND) /* roundtrip, bulk and hold open all their connections within this */

struct options {
  struct address_list to;
  struct sockaddr_in source; /* first source address; family 0 = the system chooses */
  unsigned sources;          /* consecutive addresses from there on */
  unsigned connections, threads, size;
  double seconds, warmup, rate;
  uint64_t count; /* connect: end after so many; 0 = no such limit */
  bool server_closes, upload, until_input_ends;
  int bulk_file;
};

struct worker {
  const struct options *options;
  unsigned index, connections, next;
  int epoll, result;
  pthread_t thread;
  pthread_barrier_t *barrier;
  uint64_t measured_from, measured_to; /* count and bytes are of this window, the others of the whole run */
  uint64_t count, bytes, whole_count, whole_bytes, unfinished, alive;
  struct {
    uint64_t refused, reset, timeout, eof, other;
  } errors;
  struct histogram latency;
  uint64_t count_limit;
  char buffer[MAX_MESSAGE];
};

typedef void mode_function(struct worker *);
mode_function run_connect, run_roundtrip, run_bulk, run_hold;

/* A non-blocking socket on its way to the next destination, or -1 with the error counted. */
int open_connection(struct worker *w);
void count_error(struct worker *w, int error);
int socket_error(int fd);
void watch(struct worker *w, int operation, int fd, uint32_t events, uint32_t data);
/* epoll_wait that ends at a moment at the latest; 0 when there is nothing. */
int wait_events(struct worker *w, struct epoll_event *events, uint64_t until);
/* All threads wait here for each other; then each notes the window that is measured. */
void begin_window(struct worker *w);

/* connect: each slot opens a connection, sends a message, reads as much back, closes, and begins anew. */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct slot {
  int fd;
  unsigned sent, got;
  uint64_t started;
};

struct connect_run {
  struct worker *w;
  struct slot *slots;
  unsigned *idle, idle_count; /* slots that wait for the next start */
  uint64_t started_count, first_start;
};

static void finish(struct connect_run *r, unsigned i) {
  close(r->slots[i].fd);
  r->slots[i].fd = -1;
  r->idle[r->idle_count++] = i;
}

static void give_up(struct connect_run *r, unsigned i, int error) {
  count_error(r->w, error);
  finish(r, i);
}

/* Returns 1 when all is sent, 0 when it has to wait, -1 when the connection has failed. */
static int send_request(struct connect_run *r, unsigned i) {
  struct slot *s = &r->slots[i];
  ssize_t n = send(s->fd, r->w->buffer, r->w->options->size - s->sent, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) {
    give_up(r, i, errno);
    return -1;
  }
  if (n > 0) s->sent += (unsigned)n;
  return s->sent == r->w->options->size;
}

static void start(struct connect_run *r) {
  unsigned i = r->idle[r->idle_count - 1];
  struct slot *s = &r->slots[i];
  r->started_count++;
  *s = (struct slot){.started = now_ns()};
  s->fd = open_connection(r->w);
  if (s->fd < 0) return; /* counted; the slot stays idle */
  r->idle_count--;
  /* On loopback the handshake is over when connect(2) returns, so this saves a round through epoll. */
  int done = send_request(r, i);
  if (done >= 0) watch(r->w, EPOLL_CTL_ADD, s->fd, done ? EPOLLIN : EPOLLIN | EPOLLOUT, i);
}

static void receive_reply(struct connect_run *r, unsigned i) {
  struct worker *w = r->w;
  struct slot *s = &r->slots[i];
  ssize_t n = recv(s->fd, w->buffer, sizeof w->buffer, 0);
  if (n < 0) {
    if (errno != EAGAIN) give_up(r, i, errno);
    return;
  }
  s->got += (unsigned)n;
  bool whole = s->got == w->options->size;
  if (n == 0 && !(whole && w->options->server_closes)) return give_up(r, i, 0);
  if (!whole || (n > 0 && w->options->server_closes)) return;
  uint64_t now = now_ns();
  w->whole_count++;
  if (now >= w->measured_from && now < w->measured_to) {
    w->count++;
    histogram_add(&w->latency, now - s->started);
  }
  finish(r, i);
}

static void on_event(struct connect_run *r, unsigned i, uint32_t events) {
  struct slot *s = &r->slots[i];
  if (events & EPOLLOUT) {
    int done = send_request(r, i);
    if (done < 0) return;
    if (done) watch(r->w, EPOLL_CTL_MOD, s->fd, EPOLLIN, i);
  }
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive_reply(r, i);
}

static bool may_start(struct connect_run *r, uint64_t now) {
  const struct options *o = r->w->options;
  if (!r->idle_count || now >= r->w->measured_to) return false;
  if (o->count && r->started_count >= r->w->count_limit) return false;
  if (o->rate <= 0) return true;
  return (double)r->started_count < o->rate / o->threads * (double)(now - r->first_start) / 1e9;
}

void run_connect(struct worker *w) {
  struct connect_run r = {.w = w};
  struct epoll_event events[EVENTS];
  r.slots = calloc(w->connections, sizeof *r.slots);
  r.idle = calloc(w->connections, sizeof *r.idle);
  if (!r.slots || !r.idle) fail("out of memory");
  while (r.idle_count < w->connections) r.idle[r.idle_count] = r.idle_count, r.idle_count++;
  begin_window(w);
  r.first_start = now_ns();
  uint64_t end = w->measured_to + GRACE_NS;
  for (;;) {
    uint64_t now = now_ns();
    /* A refused start leaves its slot idle, so the number of tries per round is bounded. */
    for (unsigned tries = 0; tries < w->connections && may_start(&r, now); tries++) start(&r);
    bool over = now >= w->measured_to || (w->options->count && r.started_count >= w->count_limit);
    if ((over && r.idle_count == w->connections) || now >= end) break;
    bool pacing = r.idle_count && !over;
    int n = wait_events(w, events, over ? end : pacing ? now + 1000000 : w->measured_to);
    for (int e = 0; e < n; e++) on_event(&r, events[e].data.u32, events[e].events);
  }
  if (w->options->count && now_ns() < w->measured_to) w->measured_to = now_ns();
  w->unfinished = w->connections - r.idle_count;
  free(r.slots);
  free(r.idle);
}

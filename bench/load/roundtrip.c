/* roundtrip and hold: connections that are opened once, stay open, and exchange messages of one size. */
#include "load.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct line {
  int fd;
  bool open, waiting; /* waiting: for the rest of a reply */
  unsigned got;
  uint64_t asked;
};

static void lose(struct worker *w, struct line *l, int error) {
  count_error(w, error);
  close(l->fd);
  l->open = l->waiting = false;
}

static void ask(struct worker *w, struct line *l) {
  l->got = 0;
  l->asked = now_ns();
  /* A message is far smaller than an empty send buffer, so it goes whole or not at all. */
  ssize_t n = send(l->fd, w->buffer, w->options->size, MSG_NOSIGNAL);
  if (n == (ssize_t)w->options->size) l->waiting = true;
  else lose(w, l, n < 0 ? errno : ENOBUFS);
}

/* True when a whole reply has come. */
static bool answered(struct worker *w, struct line *l) {
  ssize_t n = recv(l->fd, w->buffer, sizeof w->buffer, 0);
  if (n > 0) {
    l->got += (unsigned)n;
    if (l->got < w->options->size) return false;
    l->waiting = false;
    return true;
  }
  if (n == 0 || errno != EAGAIN) lose(w, l, n ? errno : 0);
  return false;
}

static bool open_line(struct worker *w, struct line *l, unsigned i) {
  int one = 1;
  l->fd = open_connection(w);
  if (l->fd < 0) return false;
  setsockopt(l->fd, SOL_TCP, TCP_NODELAY, &one, sizeof one);
  watch(w, EPOLL_CTL_ADD, l->fd, EPOLLOUT, i);
  l->open = l->waiting = true;
  return true;
}

static bool connected(struct worker *w, struct line *l, unsigned i) {
  int error = socket_error(l->fd);
  if (error) {
    lose(w, l, error);
    return false;
  }
  watch(w, EPOLL_CTL_MOD, l->fd, EPOLLIN, i);
  return true;
}

/* Opens all lines, a bounded number at a time, and has each answer once: so it is open from end to end. */
static unsigned open_all(struct worker *w, struct line *lines) {
  struct epoll_event events[EVENTS];
  unsigned begun = 0, pending = 0, ready = 0;
  uint64_t end = now_ns() + OPEN_NS;
  while ((begun < w->connections || pending) && now_ns() < end) {
    for (; begun < w->connections && pending < 128; begun++) pending += open_line(w, &lines[begun], begun);
    int n = wait_events(w, events, end);
    for (int e = 0; e < n; e++) {
      unsigned i = events[e].data.u32;
      struct line *l = &lines[i];
      if (events[e].events & EPOLLOUT) {
        if (connected(w, l, i)) ask(w, l);
      } else if (answered(w, l)) {
        ready++;
        pending--;
        continue;
      }
      if (!l->open) pending--;
    }
  }
  w->unfinished += pending;
  for (unsigned i = 0; i < begun; i++) {
    if (!lines[i].open || !lines[i].waiting) continue;
    close(lines[i].fd);
    lines[i].open = lines[i].waiting = false;
  }
  return ready;
}

static void close_all(struct worker *w, struct line *lines) {
  for (unsigned i = 0; i < w->connections; i++)
    if (lines[i].open) close(lines[i].fd);
  free(lines);
}

static struct line *make_lines(struct worker *w) {
  struct line *lines = calloc(w->connections, sizeof *lines);
  if (!lines) fail("out of memory");
  return lines;
}

void run_roundtrip(struct worker *w) {
  struct epoll_event events[EVENTS];
  struct line *lines = make_lines(w);
  unsigned waiting = 0;
  open_all(w, lines);
  begin_window(w);
  for (unsigned i = 0; i < w->connections; i++)
    if (lines[i].open && !lines[i].waiting) ask(w, &lines[i]), waiting += lines[i].waiting;
  while (waiting) {
    uint64_t now = now_ns();
    if (now >= w->measured_to + GRACE_NS) break;
    int n = wait_events(w, events, w->measured_to + GRACE_NS);
    for (int e = 0; e < n; e++) {
      struct line *l = &lines[events[e].data.u32];
      if (answered(w, l)) {
        now = now_ns();
        w->whole_count++;
        if (now >= w->measured_from && now < w->measured_to) {
          w->count++;
          histogram_add(&w->latency, now - l->asked);
        }
        if (now < w->measured_to) ask(w, l);
      }
      if (!l->waiting) waiting--;
    }
  }
  for (unsigned i = 0; i < w->connections; i++) {
    if (lines[i].open && lines[i].waiting) w->unfinished++;
    if (lines[i].open) w->alive++;
  }
  close_all(w, lines);
}

static void wait_for_end(const struct options *o) {
  if (!o->until_input_ends) {
    struct timespec t = {(time_t)o->seconds, (long)((o->seconds - (double)(time_t)o->seconds) * 1e9)};
    while (nanosleep(&t, &t) && errno == EINTR) continue;
    return;
  }
  char rubbish[256];
  while (read(STDIN_FILENO, rubbish, sizeof rubbish) > 0) continue;
}

void run_hold(struct worker *w) {
  struct epoll_event events[EVENTS];
  struct line *lines = make_lines(w);
  unsigned waiting = 0;
  unsigned ready = w->count = open_all(w, lines);
  pthread_barrier_wait(w->barrier);
  printf("{\"held\":%u}\n", ready);
  wait_for_end(w->options);
  pthread_barrier_wait(w->barrier);
  for (unsigned i = 0; i < w->connections; i++)
    if (lines[i].open) ask(w, &lines[i]), waiting += lines[i].waiting;
  uint64_t end = now_ns() + OPEN_NS;
  while (waiting && now_ns() < end) {
    int n = wait_events(w, events, end);
    for (int e = 0; e < n; e++) {
      struct line *l = &lines[events[e].data.u32];
      if (answered(w, l)) w->alive++;
      if (!l->waiting) waiting--;
    }
  }
  w->unfinished += waiting;
  close_all(w, lines);
}

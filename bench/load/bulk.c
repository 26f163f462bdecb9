/* bulk: connections that carry as much as they can, one way. */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct stream {
  int fd;
  bool open, ending;
  uint64_t position;
};

struct bulk_run {
  struct worker *w;
  struct stream *streams;
  unsigned open;
};

static void end_stream(struct bulk_run *r, struct stream *s) {
  close(s->fd);
  s->open = false;
  r->open--;
}

static void account(struct worker *w, uint64_t bytes) {
  uint64_t now = now_ns();
  w->whole_bytes += bytes;
  if (now >= w->measured_from && now < w->measured_to) w->bytes += bytes;
}

static void send_some(struct bulk_run *r, struct stream *s) {
  ssize_t n = send_bulk(s->fd, r->w->options->bulk_file, &s->position);
  if (n > 0) return account(r->w, (uint64_t)n);
  if (errno == EAGAIN) return;
  count_error(r->w, errno);
  end_stream(r, s);
}

static void receive_some(struct bulk_run *r, struct stream *s) {
  /* MSG_TRUNC on TCP: the kernel throws the bytes away, so that the receiver copies nothing. */
  ssize_t n = recv(s->fd, NULL, 1u << 20, MSG_TRUNC);
  if (n > 0) {
    s->position += (uint64_t)n;
    return account(r->w, (uint64_t)n);
  }
  if (n < 0 && errno == EAGAIN) return;
  /* After our own end of sending, an end (or nginx's reset) is what we wait for. */
  if (!s->ending) count_error(r->w, n ? errno : 0);
  end_stream(r, s);
}

static void begin_ending(struct bulk_run *r) {
  for (unsigned i = 0; i < r->w->connections; i++) {
    struct stream *s = &r->streams[i];
    if (!s->open) continue;
    s->ending = true;
    shutdown(s->fd, SHUT_WR);
    watch(r->w, EPOLL_CTL_MOD, s->fd, EPOLLIN, i);
  }
}

void run_bulk(struct worker *w) {
  struct bulk_run r = {.w = w, .streams = calloc(w->connections, sizeof *r.streams)};
  struct epoll_event events[EVENTS];
  if (!r.streams) fail("out of memory");
  begin_window(w);
  for (unsigned i = 0; i < w->connections; i++) {
    int fd = open_connection(w);
    if (fd < 0) continue;
    r.streams[i] = (struct stream){.fd = fd, .open = true};
    r.open++;
    watch(w, EPOLL_CTL_ADD, fd, w->options->upload ? EPOLLOUT : EPOLLIN, i);
  }
  bool ending = false;
  while (r.open) {
    uint64_t now = now_ns();
    if (now >= w->measured_to + GRACE_NS) break;
    if (now >= w->measured_to && !ending) {
      ending = true;
      begin_ending(&r);
    }
    int n = wait_events(w, events, ending ? w->measured_to + GRACE_NS : w->measured_to);
    for (int e = 0; e < n; e++) {
      struct stream *s = &r.streams[events[e].data.u32];
      if (!s->open) continue;
      if (w->options->upload && !s->ending) send_some(&r, s);
      else receive_some(&r, s);
    }
  }
  for (unsigned i = 0; i < w->connections; i++) {
    if (r.streams[i].open) w->unfinished++, close(r.streams[i].fd);
    if (r.streams[i].position) w->count++;
  }
  free(r.streams);
}

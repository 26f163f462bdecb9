/* The stand-in servers: every listed address answers in one of four ways. */
#include "common.h"

#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static const char HELP[] =
    "usage: server echo|once|sink|source --listen ADDRESS:PORT[,ADDRESS:PORT...] [--threads N] [--seconds S]\n"
    "  echo    sends back what it gets\n"
    "  once    sends back the first message, then closes\n"
    "  sink    throws away what it gets\n"
    "  source  sends without end until the client's end of sending\n"
    "Prints {\"ready\":true} when it listens; ends after --seconds, else when standard input ends, or by a signal;\n"
    "prints what it served, per address in the order given.\n";

#define EVENTS 256
#define BUFFER 65536

enum mode { ECHO, ONCE, SINK, SOURCE };
static const char *const MODE_NAMES[] = {"echo", "once", "sink", "source"};

/* What has not gone out yet; only a slow reader makes one. */
struct peer {
  char *pending;
  size_t from, length;
  uint64_t position;
};

struct thread {
  pthread_t id;
  int epoll;
  struct peer *peers; /* by descriptor */
  char buffer[BUFFER];
};

static enum mode mode;
static struct address_list listen_on;
static unsigned descriptors;
static int bulk_file;
static int listener_of[MAX_ADDRESSES]; /* of the first thread; the others share the addresses by SO_REUSEPORT */
static atomic_ullong accepted[MAX_ADDRESSES];
static atomic_ullong bytes_in;
static volatile sig_atomic_t stopped;

static void watch(struct thread *t, int operation, int fd, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  if (epoll_ctl(t->epoll, operation, fd, &event)) fail("epoll_ctl: %s", strerror(errno));
}

static int listen_at(unsigned i) {
  int one = 1, fd = socket(listen_on.of[i].at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket: %s", strerror(errno));
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  setsockopt(fd, SOL_TCP, TCP_NODELAY, &one, sizeof one); /* accepted sockets inherit it */
  if (bind(fd, (struct sockaddr *)&listen_on.of[i].at, listen_on.of[i].length)) fail("bind: %s", strerror(errno));
  if (listen(fd, 4096)) fail("listen: %s", strerror(errno));
  return fd;
}

static void drop(struct thread *t, int fd) {
  struct peer *p = &t->peers[fd];
  free(p->pending);
  *p = (struct peer){0};
  close(fd);
}

/* Accepting: data is the number of the address, with the top bit set, and the listener below. */
#define LISTENER (1ull << 63)

static void accept_all(struct thread *t, unsigned address, int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return; /* EAGAIN, or a connection that is gone already */
    atomic_fetch_add_explicit(&accepted[address], 1, memory_order_relaxed);
    watch(t, EPOLL_CTL_ADD, fd, mode == SOURCE ? EPOLLIN | EPOLLOUT : EPOLLIN, (uint64_t)fd);
  }
}

static void keep(struct thread *t, int fd, const char *rest, size_t length) {
  struct peer *p = &t->peers[fd];
  p->pending = malloc(length);
  if (!p->pending) fail("out of memory");
  memcpy(p->pending, rest, length);
  p->from = 0;
  p->length = length;
  watch(t, EPOLL_CTL_MOD, fd, EPOLLOUT, (uint64_t)fd); /* and read no more until it is gone */
}

static void send_pending(struct thread *t, int fd) {
  struct peer *p = &t->peers[fd];
  ssize_t n = send(fd, p->pending + p->from, p->length - p->from, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) return drop(t, fd);
  if (n > 0) p->from += (size_t)n;
  if (p->from < p->length) return;
  free(p->pending);
  p->pending = NULL;
  if (mode == ONCE) return drop(t, fd);
  watch(t, EPOLL_CTL_MOD, fd, EPOLLIN, (uint64_t)fd);
}

static void receive(struct thread *t, int fd) {
  bool discard = mode == SINK || mode == SOURCE;
  ssize_t n = discard ? recv(fd, NULL, 1u << 20, MSG_TRUNC) : recv(fd, t->buffer, BUFFER, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return drop(t, fd);
  if (discard) {
    atomic_fetch_add_explicit(&bytes_in, (unsigned long long)n, memory_order_relaxed);
    return;
  }
  ssize_t sent = send(fd, t->buffer, (size_t)n, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return drop(t, fd);
  if (sent < 0) sent = 0;
  if (sent < n) return keep(t, fd, t->buffer + sent, (size_t)(n - sent));
  if (mode == ONCE) drop(t, fd);
}

static void on_event(struct thread *t, int fd, uint32_t events) {
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) return receive(t, fd);
  if (mode != SOURCE) return send_pending(t, fd);
  ssize_t n = send_bulk(fd, bulk_file, &t->peers[fd].position);
  if (n < 0 && errno != EAGAIN) drop(t, fd);
}

static void *serve(void *argument) {
  struct thread *t = argument;
  struct epoll_event events[EVENTS];
  for (;;) {
    int n = epoll_wait(t->epoll, events, EVENTS, -1);
    if (n < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
    for (int e = 0; e < n; e++) {
      uint64_t data = events[e].data.u64;
      if (data & LISTENER) accept_all(t, (unsigned)(data >> 32) & 0xffff, (int)(data & 0xffffffff));
      else on_event(t, (int)data, events[e].events);
    }
  }
  return NULL;
}

static void start_thread(struct thread *t, bool first) {
  t->epoll = epoll_create1(EPOLL_CLOEXEC);
  t->peers = calloc(descriptors, sizeof *t->peers);
  if (t->epoll < 0 || !t->peers) fail("cannot set up a thread");
  for (unsigned i = 0; i < listen_on.count; i++) {
    int fd = first ? listener_of[i] : listen_at(i);
    watch(t, EPOLL_CTL_ADD, fd, EPOLLIN, LISTENER | (uint64_t)i << 32 | (uint64_t)fd);
  }
  if (pthread_create(&t->id, NULL, serve, t)) fail("cannot start a thread");
}

static void on_signal(int signal) {
  (void)signal;
  stopped = 1;
}

static void wait_for_end(double seconds) {
  uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
  char rubbish[256];
  while (!stopped) {
    if (seconds > 0) {
      uint64_t now = now_ns();
      if (now >= end) return;
      poll(NULL, 0, (int)((end - now) / 1000000 + 1));
    } else {
      ssize_t n = read(STDIN_FILENO, rubbish, sizeof rubbish);
      if (n == 0 || (n < 0 && errno != EINTR)) return;
    }
  }
}

static void print_result(void) {
  printf("{\"mode\":\"%s\",\"accepted\":[", MODE_NAMES[mode]);
  for (unsigned i = 0; i < listen_on.count; i++) printf("%s%llu", i ? "," : "", accepted[i]);
  printf("],\"discardedBytes\":%llu,\"cpuSeconds\":%.3f}\n", bytes_in, cpu_seconds());
}

static bool parse_mode(const char *name) {
  for (unsigned i = 0; i < sizeof MODE_NAMES / sizeof *MODE_NAMES; i++)
    if (!strcmp(name, MODE_NAMES[i])) return mode = (enum mode)i, true;
  return false;
}

int main(int argc, char **argv) {
  static const struct option OPTIONS[] = {{"listen", 1, NULL, 'l'},  {"threads", 1, NULL, 'j'},
                                          {"seconds", 1, NULL, 's'}, {"help", 0, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  unsigned threads = 1;
  double seconds = 0;
  int option;
  while ((option = getopt_long(argc, argv, "h", OPTIONS, NULL)) != -1) {
    if (option == 'l') parse_addresses("--listen", optarg, &listen_on);
    else if (option == 'j') threads = (unsigned)parse_number("--threads", optarg, 1, 64);
    else if (option == 's') seconds = parse_number("--seconds", optarg, 0.1, 86400);
    else if (option == 'h') return fputs(HELP, stdout), 0;
    else return 2;
  }
  if (optind + 1 != argc || !parse_mode(argv[optind])) usage_error("name one mode; --help shows them");
  if (!listen_on.count) usage_error("--listen is needed");
  descriptors = raise_descriptor_limit();
  if (mode == SOURCE) bulk_file = make_bulk_file();
  struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: it has to end read(2) */
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (unsigned i = 0; i < listen_on.count; i++) listener_of[i] = listen_at(i);
  struct thread *all = calloc(threads, sizeof *all);
  if (!all) fail("out of memory");
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, &before); /* for the workers: signals come to this thread */
  for (unsigned i = 0; i < threads; i++) start_thread(&all[i], i == 0);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  printf("{\"ready\":true}\n");
  wait_for_end(seconds);
  print_result();
  fflush(stdout);
  _exit(0); /* the workers never end by themselves */
}

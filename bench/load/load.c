/* The load generator: arguments, threads, one JSON line at the end. The modes stand in files of their own. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char HELP[] =
    "usage: load connect|roundtrip|bulk|hold --to ADDRESS:PORT[,ADDRESS:PORT...] [options]\n"
    "  connect    connections opened, used for one small message each way, and closed; per second\n"
    "  roundtrip  small messages to and fro over connections that stay open; per second\n"
    "  bulk       bytes as fast as they come (from `server source`, or with --upload to `server sink`)\n"
    "  hold       opens connections, prints {\"held\":N}, keeps them idle, then tries each once more\n"
    "options:\n"
    "  --seconds S      how long to measure, or to hold (default 2; hold: until standard input ends)\n"
    "  --warmup S       not measured, before it (default 0.2; 0 with --count)\n"
    "  --connections N  open at a time (default 64; bulk 4)\n"
    "  --threads N      (default 1)\n"
    "  --size BYTES     of a message (default 64)\n"
    "  --source A       first source address (IPv4); --sources N: so many from there on, in turn (default 1)\n"
    "  --rate N         connect: at most so many starts per second (default: as fast as it goes)\n"
    "  --count N        connect: end after so many\n"
    "  --server-closes  connect: wait for the server's end (`server once`) and close after it\n"
    "  --upload         bulk: send instead of receive\n";

struct mode {
  const char *name;
  mode_function *run;
  unsigned connections;
};
static const struct mode MODES[] = {
    {"connect", run_connect, 64},
    {"roundtrip", run_roundtrip, 64},
    {"bulk", run_bulk, 4},
    {"hold", run_hold, 64},
};

void count_error(struct worker *w, int error) {
  if (error == ECONNREFUSED) w->errors.refused++;
  else if (error == ECONNRESET || error == EPIPE) w->errors.reset++;
  else if (error == ETIMEDOUT) w->errors.timeout++;
  else if (error == 0) w->errors.eof++;
  else {
    if (!w->errors.other++) fprintf(stderr, "load: %s\n", strerror(error));
  }
}

int socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) ? errno : error;
}

static void bind_source(const struct options *o, int fd, unsigned turn) {
  struct sockaddr_in from = o->source;
  int one = 1;
  from.sin_addr.s_addr = htonl(ntohl(from.sin_addr.s_addr) + turn % o->sources);
  /* The port is chosen at connect, so that every destination has the whole port range. */
  setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&from, sizeof from)) fail("bind to source address: %s", strerror(errno));
}

int open_connection(struct worker *w) {
  const struct options *o = w->options;
  unsigned turn = w->next++;
  unsigned to = turn % o->to.count;
  const struct sockaddr *address = (const struct sockaddr *)&o->to.of[to].at;
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket: %s", strerror(errno));
  if (o->source.sin_family) bind_source(o, fd, turn / o->to.count);
  if (connect(fd, address, o->to.of[to].length) && errno != EINPROGRESS) {
    count_error(w, errno);
    close(fd);
    return -1;
  }
  return fd;
}

void watch(struct worker *w, int operation, int fd, uint32_t events, uint32_t data) {
  struct epoll_event event = {.events = events, .data.u32 = data};
  if (epoll_ctl(w->epoll, operation, fd, &event)) fail("epoll_ctl: %s", strerror(errno));
}

int wait_events(struct worker *w, struct epoll_event *events, uint64_t until) {
  uint64_t now = now_ns();
  int timeout = until > now ? (int)((until - now) / 1000000 + 1) : 0;
  int n = epoll_wait(w->epoll, events, EVENTS, timeout);
  if (n < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
  return n < 0 ? 0 : n;
}

void begin_window(struct worker *w) {
  pthread_barrier_wait(w->barrier);
  w->measured_from = now_ns() + (uint64_t)(w->options->warmup * 1e9);
  w->measured_to = w->measured_from + (uint64_t)(w->options->seconds * 1e9);
}

static mode_function *chosen;

static void *thread_main(void *argument) {
  struct worker *w = argument;
  memset(w->buffer, 'x', sizeof w->buffer);
  w->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (w->epoll < 0) fail("epoll_create1: %s", strerror(errno));
  chosen(w);
  return NULL;
}

static void print_result(const struct mode *mode, const struct options *o, const struct worker *sum) {
  const struct histogram *h = &sum->latency;
  uint64_t window = sum->measured_to - sum->measured_from;
  double seconds = window ? (double)window / 1e9 : o->seconds; /* hold measures no window */
  printf("{\"mode\":\"%s\",\"seconds\":%.3f,\"connections\":%u,\"threads\":%u,\"count\":%llu,\"perSecond\":%.1f,",
         mode->name, seconds, o->connections, o->threads, (unsigned long long)sum->count,
         (double)sum->count / seconds);
  printf("\"bytes\":%llu,\"gbps\":%.3f,", (unsigned long long)sum->bytes, (double)sum->bytes * 8 / 1e9 / seconds);
  printf("\"wholeCount\":%llu,\"wholeBytes\":%llu,", (unsigned long long)sum->whole_count,
         (unsigned long long)sum->whole_bytes);
  printf("\"p50us\":%.1f,\"p90us\":%.1f,\"p99us\":%.1f,\"p999us\":%.1f,\"maxUs\":%.1f,", histogram_us(h, 0.5),
         histogram_us(h, 0.9), histogram_us(h, 0.99), histogram_us(h, 0.999), (double)h->greatest / 1e3);
  printf("\"alive\":%llu,\"unfinished\":%llu,", (unsigned long long)sum->alive, (unsigned long long)sum->unfinished);
  printf("\"errors\":{\"refused\":%llu,\"reset\":%llu,\"timeout\":%llu,\"eof\":%llu,\"other\":%llu},",
         (unsigned long long)sum->errors.refused, (unsigned long long)sum->errors.reset,
         (unsigned long long)sum->errors.timeout, (unsigned long long)sum->errors.eof,
         (unsigned long long)sum->errors.other);
  printf("\"cpuSeconds\":%.3f}\n", cpu_seconds());
}

static void add(struct worker *sum, const struct worker *w) {
  if (w->measured_to - w->measured_from > sum->measured_to - sum->measured_from) {
    sum->measured_from = w->measured_from;
    sum->measured_to = w->measured_to;
  }
  sum->count += w->count;
  sum->bytes += w->bytes;
  sum->whole_count += w->whole_count;
  sum->whole_bytes += w->whole_bytes;
  sum->alive += w->alive;
  sum->unfinished += w->unfinished;
  sum->errors.refused += w->errors.refused;
  sum->errors.reset += w->errors.reset;
  sum->errors.timeout += w->errors.timeout;
  sum->errors.eof += w->errors.eof;
  sum->errors.other += w->errors.other;
  histogram_merge(&sum->latency, &w->latency);
}

static void run(const struct mode *mode, const struct options *o) {
  struct worker *workers = calloc(o->threads + 1, sizeof *workers);
  pthread_barrier_t barrier;
  if (!workers) fail("out of memory");
  pthread_barrier_init(&barrier, NULL, o->threads);
  chosen = mode->run;
  for (unsigned i = 0; i < o->threads; i++) {
    struct worker *w = &workers[i];
    w->options = o;
    w->index = w->next = i;
    w->barrier = &barrier;
    w->connections = o->connections / o->threads + (i < o->connections % o->threads);
    w->count_limit = o->count / o->threads + (i < o->count % o->threads);
    if (pthread_create(&w->thread, NULL, thread_main, w)) fail("cannot start a thread");
  }
  struct worker *sum = &workers[o->threads];
  for (unsigned i = 0; i < o->threads; i++) {
    pthread_join(workers[i].thread, NULL);
    add(sum, &workers[i]);
  }
  print_result(mode, o, sum);
  free(workers);
}

static const struct option OPTIONS[] = {
    {"to", 1, NULL, 't'},      {"seconds", 1, NULL, 's'}, {"warmup", 1, NULL, 'w'},  {"connections", 1, NULL, 'c'},
    {"threads", 1, NULL, 'j'}, {"size", 1, NULL, 'b'},    {"source", 1, NULL, 'a'},  {"sources", 1, NULL, 'n'},
    {"rate", 1, NULL, 'r'},    {"count", 1, NULL, 'k'},   {"upload", 0, NULL, 'u'},  {"server-closes", 0, NULL, 'e'},
    {"help", 0, NULL, 'h'},    {NULL, 0, NULL, 0},
};

static void parse_option(struct options *o, int option, const char *text) {
  switch (option) {
    case 't': parse_addresses("--to", text, &o->to); break;
    case 's': o->seconds = parse_number("--seconds", text, 0.05, 86400); o->until_input_ends = false; break;
    case 'w': o->warmup = parse_number("--warmup", text, 0, 60); break;
    case 'c': o->connections = (unsigned)parse_number("--connections", text, 1, 1000000); break;
    case 'j': o->threads = (unsigned)parse_number("--threads", text, 1, 64); break;
    case 'b': o->size = (unsigned)parse_number("--size", text, 1, MAX_MESSAGE); break;
    case 'n': o->sources = (unsigned)parse_number("--sources", text, 1, 254); break;
    case 'r': o->rate = parse_number("--rate", text, 1, 10000000); break;
    case 'k': o->count = (uint64_t)parse_number("--count", text, 1, 1e12); break;
    case 'u': o->upload = true; break;
    case 'e': o->server_closes = true; break;
    case 'a':
      o->source.sin_family = AF_INET;
      if (inet_pton(AF_INET, text, &o->source.sin_addr) != 1) usage_error("--source takes an IPv4 address, not '%s'", text);
      break;
    case 'h': fputs(HELP, stdout); exit(0);
    default: exit(2); /* getopt has said why */
  }
}

int main(int argc, char **argv) {
  struct options o = {.seconds = 2, .warmup = -1, .threads = 1, .size = 64, .sources = 1, .until_input_ends = true};
  const struct mode *mode = NULL;
  int option;
  while ((option = getopt_long(argc, argv, "h", OPTIONS, NULL)) != -1) parse_option(&o, option, optarg);
  if (optind + 1 != argc) usage_error("name one mode; --help shows them");
  for (unsigned i = 0; i < sizeof MODES / sizeof *MODES; i++)
    if (!strcmp(argv[optind], MODES[i].name)) mode = &MODES[i];
  if (!mode) usage_error("unknown mode '%s'; --help shows them", argv[optind]);
  if (!o.to.count) usage_error("--to is needed");
  if (!o.connections) o.connections = mode->connections;
  if (o.threads > o.connections) usage_error("more threads than connections");
  if (o.warmup < 0) o.warmup = o.count ? 0 : 0.2;
  unsigned descriptors = raise_descriptor_limit();
  if (o.connections + o.threads + 16 > descriptors) usage_error("--connections %u: this process may open %u descriptors", o.connections, descriptors);
  if (mode->run == run_bulk) o.bulk_file = make_bulk_file();
  setvbuf(stdout, NULL, _IOLBF, 0);
  run(mode, &o);
  return 0;
}

#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>

static void complain(const char *format, va_list arguments) {
  fprintf(stderr, "%s: ", program_invocation_short_name);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
}

void usage_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  complain(format, arguments);
  va_end(arguments);
  exit(2);
}

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  complain(format, arguments);
  va_end(arguments);
  exit(1);
}

double parse_number(const char *option, const char *text, double least, double most) {
  char *end = NULL;
  errno = 0;
  double value = strtod(text, &end);
  if (errno || end == text || *end || !(value >= least && value <= most))
    usage_error("%s takes a number from %g to %g, not '%s'", option, least, most, text);
  return value;
}

static bool parse_one(char *text, struct sockaddr_storage *into, socklen_t *length) {
  char *colon = strrchr(text, ':');
  if (!colon) return false;
  *colon = 0;
  char *end = NULL;
  long port = strtol(colon + 1, &end, 10);
  if (!colon[1] || *end || port < 1 || port > 65535) return false;
  memset(into, 0, sizeof *into);
  if (*text == '[') {
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)into;
    if (colon[-1] != ']') return false;
    colon[-1] = 0;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    *length = sizeof *v6;
    return inet_pton(AF_INET6, text + 1, &v6->sin6_addr) == 1;
  }
  struct sockaddr_in *v4 = (struct sockaddr_in *)into;
  v4->sin_family = AF_INET;
  v4->sin_port = htons((uint16_t)port);
  *length = sizeof *v4;
  return inet_pton(AF_INET, text, &v4->sin_addr) == 1;
}

void parse_addresses(const char *option, const char *text, struct address_list *into) {
  char *copy = strdup(text), *rest = copy, *part;
  if (!copy) fail("out of memory");
  into->count = 0;
  while ((part = strsep(&rest, ","))) {
    char shown[80];
    snprintf(shown, sizeof shown, "%s", part);
    if (into->count == MAX_ADDRESSES) usage_error("%s takes at most %d addresses", option, MAX_ADDRESSES);
    if (!parse_one(part, &into->of[into->count].at, &into->of[into->count].length))
      usage_error("%s takes ADDRESS:PORT[,ADDRESS:PORT...] with numeric addresses, not '%s'", option, shown);
    into->count++;
  }
  free(copy);
}

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * NS_PER_SECOND + (uint64_t)t.tv_nsec;
}

double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

unsigned raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit)) fail("getrlimit: %s", strerror(errno));
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit)) fail("setrlimit: %s", strerror(errno));
  return limit.rlim_cur > 1000000 ? 1000000 : (unsigned)limit.rlim_cur;
}

int make_bulk_file(void) {
  int file = memfd_create("bulk", MFD_CLOEXEC);
  if (file < 0) fail("memfd_create: %s", strerror(errno));
  char page[4096];
  for (unsigned i = 0; i < sizeof page; i++) page[i] = (char)(i * 31 + 7);
  for (unsigned done = 0; done < BULK_FILE; done += sizeof page)
    if (write(file, page, sizeof page) != sizeof page) fail("write to memory file: %s", strerror(errno));
  return file;
}

ssize_t send_bulk(int socket, int file, uint64_t *position) {
  /* From the page cache, so that the sender copies nothing: the balancer's own copying is what is measured. */
  off_t offset = (off_t)(*position % BULK_FILE);
  size_t length = BULK_FILE - (size_t)offset;
  ssize_t sent = sendfile(socket, file, &offset, length < BULK_CHUNK ? length : BULK_CHUNK);
  if (sent > 0) *position += (uint64_t)sent;
  return sent;
}

/* What the load generator and the stand-in server share: arguments, addresses, clocks, results. */
#pragma once
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#define MAX_ADDRESSES 64
#define NS_PER_SECOND 1000000000ull

struct address_list {
  unsigned count;
  struct {
    struct sockaddr_storage at;
    socklen_t length;
  } of[MAX_ADDRESSES];
};

/* Prints "PROGRAM: message" to standard error and ends: 2 for wrong arguments, 1 for everything else. */
__attribute__((noreturn, format(printf, 1, 2))) void usage_error(const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

/* A number within [least, most], or usage_error. */
double parse_number(const char *option, const char *text, double least, double most);

/* "A:PORT,[B6]:PORT,…": IPv4 or bracketed IPv6, numeric only. */
void parse_addresses(const char *option, const char *text, struct address_list *into);

/* Monotonic time in nanoseconds. */
uint64_t now_ns(void);

/* Processor time of this process in seconds, user and system. */
double cpu_seconds(void);

/* Raises the descriptor limit to the hard limit and says how many there are. */
unsigned raise_descriptor_limit(void);

/* A file in memory of BULK_FILE bytes, to send from without copying. */
#define BULK_FILE (1u << 20)
#define BULK_CHUNK (256u << 10)
int make_bulk_file(void);

/* Sends the next piece of the bulk file; what sendfile(2) returns. */
ssize_t send_bulk(int socket, int file, uint64_t *position);

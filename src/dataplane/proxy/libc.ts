/**
 * Every foreign-function call of the proxy plane: thin bindings to libc, with the constants and struct layouts they
 * need. Pointers are plain numbers taken from {@link Memory}, because handing koffi a Buffer costs 80 ns more a call.
 * A result of -1 means failure and {@link errno} must be read at once (errno(3)).
 */
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');

/* oxlint-disable typescript/no-unsafe-type-assertion -- koffi types every function as any; these are the true types */
const bind3 = (signature: string): never => libc.func(signature) as never;

type Fd = number;
type Ptr = number;

/** Not one of those that have the same number everywhere. */
const SYS_membarrier = process.arch === 'x64' ? 324 : 283;
const SYS_io_uring_setup = 425;
const SYS_io_uring_enter = 426;
const setup: (call: number, entries: number, params: Ptr) => number = bind3(
  'int syscall(long, uint, uintptr_t)',
);
const enter: (
  call: number,
  ring: Fd,
  submit: number,
  complete: number,
  flags: number,
  signals: Ptr,
  size: number,
) => number = bind3('int syscall(long, int, uint, uint, uint, uintptr_t, size_t)');

const barrier: (call: number, command: number, flags: number, cpu: number) => number = bind3(
  'int syscall(long, int, uint, int)',
);

export const sys: {
  socket(domain: number, type: number, protocol: number): Fd;
  bind(fd: Fd, address: Ptr, length: number): number;
  listen(fd: Fd, backlog: number): number;
  accept4(fd: Fd, address: Ptr, length: Ptr, flags: number): Fd;
  connect(fd: Fd, address: Ptr, length: number): number;
  recv(fd: Fd, buffer: Ptr, length: number, flags: number): number;
  send(fd: Fd, buffer: Ptr, length: number, flags: number): number;
  recvfrom(fd: Fd, buffer: Ptr, length: number, flags: number, address: Ptr, addressLength: Ptr): number;
  sendto(fd: Fd, buffer: Ptr, length: number, flags: number, address: Ptr, addressLength: number): number;
  shutdown(fd: Fd, how: number): number;
  close(fd: Fd): number;
  dup2(fd: Fd, as: Fd): number;
  setsockopt(fd: Fd, level: number, name: number, value: Ptr, length: number): number;
  getsockopt(fd: Fd, level: number, name: number, value: Ptr, length: Ptr): number;
  getsockname(fd: Fd, address: Ptr, length: Ptr): number;
  getpeername(fd: Fd, address: Ptr, length: Ptr): number;
  epoll_create1(flags: number): Fd;
  epoll_ctl(epoll: Fd, operation: number, fd: Fd, event: Ptr): number;
  epoll_wait(epoll: Fd, events: Ptr, most: number, timeoutMs: number): number;
  eventfd(initial: number, flags: number): Fd;
  eventfd_read(fd: Fd, value: Ptr): number;
  eventfd_write(fd: Fd, value: number): number;
  getrlimit(resource: number, limits: Ptr): number;
  memfd_create(name: Ptr, flags: number): Fd;
  unshare(flags: number): number;
  mmap(address: Ptr, length: number, protection: number, flags: number, fd: Fd, offset: number): Ptr;
  munmap(address: Ptr, length: number): number;
  getpagesize(): number;
  membarrier(command: number): number;
  /** 0: there is none of this name. */
  if_nametoindex(name: string): number;
  io_uring_setup(entries: number, params: Ptr): Fd;
  io_uring_enter(ring: Fd, submit: number, complete: number, flags: number): number;
} = {
  socket: bind3('int socket(int, int, int)'),
  bind: bind3('int bind(int, uintptr_t, uint)'),
  listen: bind3('int listen(int, int)'),
  accept4: bind3('int accept4(int, uintptr_t, uintptr_t, int)'),
  connect: bind3('int connect(int, uintptr_t, uint)'),
  // The results fit an int because no length handed in is above 2^31.
  recv: bind3('int recv(int, uintptr_t, size_t, int)'),
  send: bind3('int send(int, uintptr_t, size_t, int)'),
  recvfrom: bind3('int recvfrom(int, uintptr_t, size_t, int, uintptr_t, uintptr_t)'),
  sendto: bind3('int sendto(int, uintptr_t, size_t, int, uintptr_t, uint)'),
  shutdown: bind3('int shutdown(int, int)'),
  close: bind3('int close(int)'),
  dup2: bind3('int dup2(int, int)'),
  setsockopt: bind3('int setsockopt(int, int, int, uintptr_t, uint)'),
  getsockopt: bind3('int getsockopt(int, int, int, uintptr_t, uintptr_t)'),
  getsockname: bind3('int getsockname(int, uintptr_t, uintptr_t)'),
  getpeername: bind3('int getpeername(int, uintptr_t, uintptr_t)'),
  epoll_create1: bind3('int epoll_create1(int)'),
  epoll_ctl: bind3('int epoll_ctl(int, int, int, uintptr_t)'),
  epoll_wait: bind3('int epoll_wait(int, uintptr_t, int, int)'),
  eventfd: bind3('int eventfd(uint, int)'),
  eventfd_read: bind3('int eventfd_read(int, uintptr_t)'),
  eventfd_write: bind3('int eventfd_write(int, uint64_t)'),
  getrlimit: bind3('int getrlimit(int, uintptr_t)'),
  memfd_create: bind3('int memfd_create(uintptr_t, uint)'),
  unshare: bind3('int unshare(int)'),
  mmap: bind3('intptr_t mmap(uintptr_t, size_t, int, int, int, int64_t)'),
  munmap: bind3('int munmap(uintptr_t, size_t)'),
  getpagesize: bind3('int getpagesize()'),
  if_nametoindex: bind3('uint if_nametoindex(const char *)'),
  membarrier: (command) => barrier(SYS_membarrier, command, 0, 0),
  // libc has no function of these names; the numbers are the same on every architecture (syscalls(2)).
  io_uring_setup: (entries, params) => setup(SYS_io_uring_setup, entries, params),
  io_uring_enter: (ring, submit, complete, flags) =>
    enter(SYS_io_uring_enter, ring, submit, complete, flags, 0, 0),
};

const strerror: (code: number) => string = bind3('const char *strerror(int)');
/* oxlint-enable typescript/no-unsafe-type-assertion */

/** The error of the call just made in this thread. */
export function errno(): number {
  return koffi.errno();
}

/** The system's words for an error number, e.g. `Connection refused`. */
export function errorText(code: number): string {
  return strerror(code);
}

/**
 * Memory at a fixed address that both JavaScript and the kernel see. The views must live as long as the address is
 * used: an ArrayBuffer made here lies outside V8's heap, so the collector never moves it.
 */
export class Memory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly int32: Int32Array<ArrayBuffer>;
  readonly address: number;

  /** @param size bytes, rounded up to a multiple of 8 */
  constructor(size: number) {
    const buffer = new ArrayBuffer(Math.ceil(size / 8) * 8);
    this.bytes = new Uint8Array(buffer);
    this.int32 = new Int32Array(buffer);
    this.address = Number(koffi.address(buffer));
  }
}

const optionValue = new Memory(4);

/** setsockopt(2) for an option whose value is an int. @returns 0, or -1 with the error in errno */
export function setOption(fd: Fd, level: number, option: number, value: number): number {
  optionValue.int32[0] = value;
  return sys.setsockopt(fd, level, option, optionValue.address, 4);
}

/** Memory that the kernel gave us, by mmap, as 32-bit words; not to be touched any more once it is unmapped. */
export function mappedWords(address: Ptr, length: number): Int32Array {
  return new Int32Array(mapped(address, length));
}

/** The same as bytes. */
export function mapped(address: Ptr, length: number): ArrayBuffer {
  return koffi.view(address, length);
}

/** What the offsets of mmap(2) are multiples of. */
export function pageSize(): number {
  return sys.getpagesize();
}

/** struct epoll_event is packed on x86-64 (12 bytes) and aligned elsewhere (16 bytes); in 32-bit words (epoll_ctl(2)). */
export const EPOLL_EVENT_WORDS = process.arch === 'x64' ? 3 : 4;
/** Words from the start of a struct epoll_event to its 64-bit user data. */
export const EPOLL_DATA_WORD = EPOLL_EVENT_WORDS - 2;

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_RCVBUF = 8;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SOL_IP = 0;
export const IP_BIND_ADDRESS_NO_PORT = 24;
export const IPPROTO_TCP = 6;
export const IPPROTO_IPV6 = 41;
export const TCP_NODELAY = 1;
export const IPV6_V6ONLY = 26;
export const MSG_NOSIGNAL = 0x4000;
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLLIN = 0x1;
export const EPOLLPRI = 0x2;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLRDHUP = 0x2000;
/** Bit 31, as a signed 32-bit number, for it is written through an Int32Array. */
export const EPOLLET = 1 << 31;
export const EPOLL_CLOEXEC = 0o2000000;
export const EFD_NONBLOCK = 0o4000;
export const EFD_CLOEXEC = 0o2000000;
export const MSG_DONTWAIT = 0x40;
export const RLIMIT_NOFILE = 7;
export const CLONE_FILES = 0x400;
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const MAP_SHARED = 1;
export const MAP_POPULATE = 0x8000;
export const MAP_FAILED = -1;
export const IORING_SETUP_SUBMIT_ALL = 1 << 7;
export const IORING_SETUP_SINGLE_ISSUER = 1 << 12;
export const IORING_SETUP_DEFER_TASKRUN = 1 << 13;
export const IORING_ENTER_GETEVENTS = 1;
export const IORING_OFF_SQES = 0x10000000;
export const IORING_OP_SEND = 26;
export const IORING_OP_RECV = 27;

// Packet sockets: packet(7), linux/if_packet.h.
export const AF_PACKET = 17;
export const SOCK_RAW = 3;
export const SO_ATTACH_FILTER = 26;
export const SOL_PACKET = 263;
export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_MR_ALLMULTI = 2;

export const MFD_CLOEXEC = 1;

/** membarrier(2). */
export const MEMBARRIER_CMD_GLOBAL = 1;

// Netlink: netlink(7), linux/netlink.h.
export const AF_NETLINK = 16;
export const NETLINK_NETFILTER = 12;

// Packets with a header of our own making: raw(7), socket(7).
export const IPPROTO_RAW = 255;
export const SO_MARK = 36;

export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const ENFILE = 23;
export const EMFILE = 24;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const ENETUNREACH = 101;
export const ENOBUFS = 105;
export const ECONNABORTED = 103;
export const ECONNRESET = 104;
export const ECONNREFUSED = 111;
export const EHOSTUNREACH = 113;
export const EINPROGRESS = 115;

import { SERVER } from './connections.ts';
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EINPROGRESS,
  EMFILE,
  ENFILE,
  ENOBUFS,
  ENOMEM,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  errno,
  IP_BIND_ADDRESS_NO_PORT,
  IPPROTO_TCP,
  setOption,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_IP,
  SOL_SOCKET,
  sys,
  TCP_NODELAY,
} from './libc.ts';
import { setSockaddrPort } from './sockaddr.ts';
import type { SourceAddress } from './sources.ts';
import { type ServerAddress, TAG_END, watch, type WorkerState } from './worker-state.ts';

/** The connect is under way. */
export const DIALLED = 0;
/** The connect failed at once: the server's, or the way's to it. */
export const UNREACHABLE = 1;
/** No source address has a port left for this server and port. */
export const NO_SOURCE = 2;
/** This machine could not ask: no descriptor, no memory. */
export const SHORTAGE = 3;
export type Dialled = typeof DIALLED | typeof UNREACHABLE | typeof NO_SOURCE | typeof SHORTAGE;

export const EVERYTHING_ONCE = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;

/** Ports that are tried of one address for one connection; a range this full has hardly one left. */
const MOST_TRIES = 256;

/** Opens the connection to a server, from the service's SNAT pool if it has one: the next address that has a port left. */
export function dial(w: WorkerState, slot: number, server: number): Dialled {
  const { table } = w;
  const address = w.addresses.get(server);
  const port = w.ports.get(table.port[slot]!);
  const service = w.services.get(table.service[slot]!);
  if (!address || !port || !service) return SHORTAGE;
  setSockaddrPort(address.memory.bytes, address.port || port.serverPort);
  table.source[slot] = -1;
  const { sources } = service;
  if (!sources) return attempt(w, slot, address, null);
  const usable = sources.of(address.family);
  for (let i = 0; i < usable.count; i++) {
    const outcome = dialFrom(w, slot, address, usable.next());
    if (outcome !== NO_SOURCE) return outcome;
  }
  return NO_SOURCE;
}

function dialFrom(w: WorkerState, slot: number, address: ServerAddress, source: SourceAddress): Dialled {
  const tries = Math.min(source.portCount, MOST_TRIES);
  for (let i = 0; i < tries; i++) {
    const outcome = attempt(w, slot, address, source);
    if (outcome !== NO_SOURCE) return outcome;
  }
  return NO_SOURCE;
}

function attempt(
  w: WorkerState,
  slot: number,
  address: ServerAddress,
  source: SourceAddress | null,
): Dialled {
  const fd = sys.socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return SHORTAGE;
  // The client's end inherits it from the listener; this one has to be told.
  setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (
    (!source || bindTo(fd, source)) &&
    (sys.connect(fd, address.memory.address, address.length) === 0 || errno() === EINPROGRESS)
  ) {
    if (watch(w.epoll, fd, EVERYTHING_ONCE, slot * 2 + SERVER, TAG_END)) {
      w.table.fd[slot * 2 + SERVER] = fd;
      if (source) w.table.source[slot] = source.id;
      return DIALLED;
    }
  }
  const why = reason(errno());
  sys.close(fd);
  return why;
}

/**
 * Without a range of its own the kernel chooses the port when it connects, and then a port may serve every destination
 * once (IP_BIND_ADDRESS_NO_PORT, ip(7)); with one we choose, and SO_REUSEADDR allows the same.
 */
function bindTo(fd: number, source: SourceAddress): boolean {
  if (source.hasPorts) {
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    setSockaddrPort(source.memory.bytes, source.nextPort());
  } else {
    setOption(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  }
  return sys.bind(fd, source.memory.address, source.length) === 0;
}

export function reason(error: number): Dialled {
  switch (error) {
    // connect: no port is left; bind: somebody else has this one, or the address is not this machine's any more.
    case EADDRNOTAVAIL:
    case EADDRINUSE:
      return NO_SOURCE;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return SHORTAGE;
    default:
      return UNREACHABLE;
  }
}

import { type Dialled, DIALLED, NO_SOURCE, reason, SHORTAGE } from '../dial.ts';
import { EADDRINUSE, EAGAIN, EPOLLIN, errno, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, sys } from '../libc.ts';
import { setSockaddrPort } from '../sockaddr.ts';
import type { SourceAddress } from '../sources.ts';
import { type ListeningPort, TAG_FLOW, watch, type WorkerState } from '../worker-state.ts';

/** Ports that are tried of one address for one flow, as for a connection. */
const MOST_TRIES = 256;
/** An address without a free port is left alone for so long: a flood must not make each of its datagrams try them all. */
const EXHAUSTED_MS = 100;

const exhaustedUntil = new WeakMap<SourceAddress, number>();

/**
 * Opens a flow's socket and connects it to the server, from the service's SNAT pool if it has one. Unlike a TCP port, a
 * UDP port belongs to one socket whatever it is connected to, so that an address carries one flow a port in all: the
 * kernel would let two sockets share one, and give the answers of one server to either.
 */
export function connectFlow(w: WorkerState, slot: number, server: number, port: ListeningPort): Dialled {
  const address = w.addresses.get(server);
  const service = w.services.get(port.service);
  if (!address || !service) return SHORTAGE;
  const fd = sys.socket(address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return SHORTAGE;
  const sources = service.sources?.of(address.family);
  let outcome: Dialled = DIALLED;
  w.udp!.flows.source[slot] = -1;
  if (sources) {
    outcome = NO_SOURCE;
    for (let i = 0; i < sources.count && outcome !== DIALLED; i++) {
      const source = sources.next();
      if (!bindTo(w, fd, source)) continue;
      w.udp!.flows.source[slot] = source.id;
      outcome = DIALLED;
    }
  }
  if (outcome === DIALLED) {
    setSockaddrPort(address.memory.bytes, address.port || port.serverPort);
    const connected =
      sys.connect(fd, address.memory.address, address.length) === 0 &&
      watch(w.epoll, fd, EPOLLIN, slot, TAG_FLOW);
    if (!connected) outcome = whyNot(errno());
  }
  if (outcome === DIALLED) w.udp!.flows.fd[slot] = fd;
  else sys.close(fd);
  return outcome;
}

/** Without a range of its own the kernel chooses a port that is free (ip_local_port_range). */
function bindTo(w: WorkerState, fd: number, source: SourceAddress): boolean {
  if ((exhaustedUntil.get(source) ?? 0) > w.now) return false;
  const tries = Math.min(source.portCount, MOST_TRIES);
  for (let i = 0; i < tries; i++) {
    setSockaddrPort(source.memory.bytes, source.hasPorts ? source.nextPort() : 0);
    if (sys.bind(fd, source.memory.address, source.length) === 0) return true;
    if (errno() !== EADDRINUSE) return false;
  }
  exhaustedUntil.set(source, w.now + EXHAUSTED_MS);
  return false;
}

/** EAGAIN: the system has no port left that it could choose (connect(2)). */
function whyNot(error: number): Dialled {
  return error === EAGAIN ? SHORTAGE : reason(error);
}

import { PoolgateError } from '../../lib/errors.ts';
import { hintForMissing } from '../../network/missing.ts';
import type { PlanePort } from '../dataplane.ts';
import {
  AF_INET6,
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EPERM,
  errno,
  errorText,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  Memory,
  setOption,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  sys,
  TCP_NODELAY,
} from './libc.ts';
import { encodeSockaddr, joinHostPort, SOCKADDR_MAX } from './sockaddr.ts';

const address = new Memory(SOCKADDR_MAX);

/**
 * Bytes of datagrams that may wait while a worker is busy with others; all clients of a port share it. The kernel caps it
 * at net.core.rmem_max (socket(7)).
 */
const UDP_QUEUE = 1 << 20;

/**
 * With SO_REUSEPORT a second Poolgate of the same user would bind the same port and take half of the connections
 * unnoticed. A socket without it is refused when anybody listens there (socket(7)).
 * @throws PoolgateError ADDRESS_IN_USE, ADDRESS_MISSING, ADDRESS_FORBIDDEN, SYSTEM
 */
export function refuseIfTaken(port: PlanePort): void {
  if (port.protocol === 'udp') {
    // A UDP socket takes its address when it is bound.
    sys.close(openBound(port, []));
    return;
  }
  const fd = openBound(port, [SO_REUSEADDR]);
  try {
    if (sys.listen(fd, 0) < 0) throw bindError(port, errno());
  } finally {
    sys.close(fd);
  }
}

/** @throws PoolgateError ADDRESS_MISSING when connections cannot come from this address, SYSTEM */
export function refuseIfMissing(source: string): void {
  const sockaddr = encodeSockaddr(source, 0);
  const fd = sys.socket(sockaddr[0] ?? 0, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new PoolgateError('SYSTEM', `socket: ${errorText(errno())}`);
  address.bytes.set(sockaddr);
  const code = sys.bind(fd, address.address, sockaddr.length) < 0 ? errno() : 0;
  sys.close(fd);
  if (code === EADDRNOTAVAIL) {
    throw new PoolgateError('ADDRESS_MISSING', `this machine does not have the SNAT address ${source}`, {
      hint: hintForMissing(source, 'the SNAT pool'),
    });
  }
  if (code !== 0) throw new PoolgateError('SYSTEM', `cannot bind ${source}: ${errorText(code)}`);
}

/**
 * Opens and binds one worker's socket for a port of a VIP, not yet listening.
 *
 * A socket without SO_REUSEADDR keeps its address while it does not listen; with it, another program could listen
 * there meanwhile. It is only needed where other programs' connections to the port linger in TIME_WAIT. (While it
 * listens nobody else can, and the worker sets it: see servePort.)
 * @throws PoolgateError as {@link refuseIfTaken} does
 */
export function openListener(port: PlanePort): number {
  if (port.protocol === 'udp') return openBound(port, [SO_REUSEPORT]);
  try {
    return openBound(port, [SO_REUSEPORT]);
  } catch (error) {
    if (!(error instanceof PoolgateError) || error.code !== 'ADDRESS_IN_USE') throw error;
    return openBound(port, [SO_REUSEPORT, SO_REUSEADDR]);
  }
}

function openBound(port: PlanePort, options: readonly number[]): number {
  const sockaddr = encodeSockaddr(port.vip, port.port);
  const family = sockaddr[0] ?? 0;
  const type = port.protocol === 'udp' ? SOCK_DGRAM : SOCK_STREAM;
  const fd = sys.socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new PoolgateError('SYSTEM', `socket: ${errorText(errno())}`);
  for (const option of options) setOption(fd, SOL_SOCKET, option, 1);
  if (family === AF_INET6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (port.protocol === 'udp') setOption(fd, SOL_SOCKET, SO_RCVBUF, UDP_QUEUE);
  // Accepted sockets inherit it, which saves a call a connection.
  else setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  address.bytes.set(sockaddr);
  if (sys.bind(fd, address.address, sockaddr.length) < 0) {
    const error = bindError(port, errno());
    sys.close(fd);
    throw error;
  }
  return fd;
}

function bindError(port: PlanePort, code: number): PoolgateError {
  const where = joinHostPort(port.vip, port.port);
  switch (code) {
    case EADDRINUSE:
      return new PoolgateError('ADDRESS_IN_USE', `${where} is in use by another program`);
    case EADDRNOTAVAIL:
      return new PoolgateError('ADDRESS_MISSING', `this machine does not have the VIP ${port.vip}`, {
        hint: hintForMissing(port.vip),
      });
    case EACCES:
    case EPERM:
      return new PoolgateError('ADDRESS_FORBIDDEN', `no permission to listen on ${where}`);
    default:
      return new PoolgateError('SYSTEM', `cannot bind ${where}: ${errorText(code)}`);
  }
}

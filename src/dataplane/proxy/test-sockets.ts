/** Descriptors for the tests of what works on descriptors. */
import { readdirSync, readlinkSync } from 'node:fs';
import { AF_INET, errno, errorText, Memory, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, sys } from './libc.ts';
import { encodeSockaddr, SOCKADDR_MAX } from './sockaddr.ts';

/** Two ends of a TCP connection over loopback, both non-blocking. */
export function socketPair(): [number, number] {
  const listener = sys.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const address = new Memory(SOCKADDR_MAX);
  const sockaddr = encodeSockaddr('127.0.0.1', 0);
  address.bytes.set(sockaddr);
  const length = new Memory(4);
  length.int32[0] = SOCKADDR_MAX;
  worked(sys.bind(listener, address.address, sockaddr.length));
  worked(sys.listen(listener, 1));
  worked(sys.getsockname(listener, address.address, length.address));
  const client = sys.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  // Loopback connects before the call returns, though it says that it is in progress.
  sys.connect(client, address.address, sockaddr.length);
  const server = worked(sys.accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC));
  sys.close(listener);
  return [client, server];
}

/** A blocking connection to an IPv4 address. */
export function connectTo(host: string, port: number): number {
  const fd = sys.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const address = new Memory(SOCKADDR_MAX);
  const sockaddr = encodeSockaddr(host, port);
  address.bytes.set(sockaddr);
  worked(sys.connect(fd, address.address, sockaddr.length));
  return fd;
}

/** Sends a text, with the flags of send(2). */
export function sendText(fd: number, text: string, flags = 0): void {
  const memory = new Memory(text.length);
  memory.bytes.set(Buffer.from(text));
  worked(sys.send(fd, memory.address, text.length, flags));
}

/** The descriptors of this process's io_urings. */
export function openRings(): number[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('io_uring') ? [Number(fd)] : [];
    } catch {
      // The descriptor that the listing itself was read by.
      return [];
    }
  });
}

function worked(result: number): number {
  if (result < 0) throw new Error(errorText(errno()));
  return result;
}

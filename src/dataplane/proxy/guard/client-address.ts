/** The address of a client, as the tables and the hashing schedulers take it. */
import type { AddressWords } from '../../../scheduler/identity.ts';
import { AF_INET, Memory, sys } from '../libc.ts';
import { encodeSockaddr, SOCKADDR_MAX } from '../sockaddr.ts';

/** For services that do not ask who the client is. */
export const NO_CLIENT: AddressWords = new Int32Array(4);

/** `::ffff:0:0/96` (RFC 4291 section 2.5.5.2), the third word as it lies in memory on a little-endian machine. */
const MAPPED = -65_536;

/** Writes the address of a struct sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)) as four words; allocates nothing. */
export function readAddress(sockaddr: Int32Array, into: AddressWords): void {
  if (((sockaddr[0] as number) & 0xffff) === AF_INET) {
    into[0] = 0;
    into[1] = 0;
    into[2] = MAPPED;
    into[3] = sockaddr[1] as number;
    return;
  }
  for (let word = 0; word < 4; word++) into[word] = sockaddr[word + 2] as number;
}

/** @param address an IPv4 or IPv6 literal */
export function addressWords(address: string): AddressWords {
  const words = new Int32Array(4);
  const sockaddr = new Uint8Array(SOCKADDR_MAX);
  sockaddr.set(encodeSockaddr(address, 0));
  readAddress(new Int32Array(sockaddr.buffer), words);
  return words;
}

const name = new Memory(SOCKADDR_MAX);
const nameLength = new Memory(4);
const client: AddressWords = new Int32Array(4);

/** Takes a connection, and with it the client's address: see {@link lastClient}. */
export function acceptNamed(listener: number, flags: number): number {
  nameLength.int32[0] = SOCKADDR_MAX;
  const fd = sys.accept4(listener, name.address, nameLength.address, flags);
  if (fd >= 0) readAddress(name.int32, client);
  return fd;
}

/** The address that {@link acceptNamed} saw last; overwritten by the next one. */
export function lastClient(): AddressWords {
  return client;
}

/** The address at the other end of a socket; all zero when it is gone. The array is overwritten by the next call. */
export function peerAddress(fd: number): AddressWords {
  nameLength.int32[0] = SOCKADDR_MAX;
  name.int32.fill(0);
  sys.getpeername(fd, name.address, nameLength.address);
  readAddress(name.int32, client);
  return client;
}

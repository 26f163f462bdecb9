import { isIPv4, isIPv6 } from 'node:net';
import { AF_INET, AF_INET6 } from './libc.ts';

/** Length of struct sockaddr_in6, the longest that is used here (ip(7), ipv6(7)). */
export const SOCKADDR_MAX = 28;
/** Length of struct sockaddr_in. */
export const SOCKADDR_MIN = 16;

/**
 * Writes a struct sockaddr_in or sockaddr_in6.
 * @param address an IPv4 or IPv6 literal without zone
 * @throws RangeError if it is neither
 */
export function encodeSockaddr(address: string, port: number): Uint8Array<ArrayBuffer> {
  if (isIPv4(address)) {
    const bytes = new Uint8Array(SOCKADDR_MIN);
    writeFamilyAndPort(bytes, AF_INET, port);
    bytes.set(address.split('.').map(Number), 4);
    return bytes;
  }
  if (!isIPv6(address) || address.includes('%')) throw new RangeError(`not an IP address: ${address}`);
  const bytes = new Uint8Array(SOCKADDR_MAX);
  writeFamilyAndPort(bytes, AF_INET6, port);
  parseIPv6(address).forEach((word, i) => {
    bytes[8 + 2 * i] = word >> 8;
    bytes[9 + 2 * i] = word & 0xff;
  });
  return bytes;
}

/** Writes another port into a struct sockaddr made by {@link encodeSockaddr}. */
export function setSockaddrPort(bytes: Uint8Array, port: number): void {
  bytes[2] = port >> 8;
  bytes[3] = port & 0xff;
}

/** `192.0.2.1:5061` or `[2001:db8::1]:5061`, as RFC 5952 writes them. */
export function formatSockaddr(bytes: Uint8Array): string {
  const port = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  const family = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  if (family === AF_INET) return `${bytes.subarray(4, 8).join('.')}:${port}`;
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[8 + 2 * i] ?? 0) << 8) | (bytes[9 + 2 * i] ?? 0)).toString(16),
  );
  // The URL parser compresses IPv6 literals the way RFC 5952 wants it.
  return `${new URL(`http://[${words.join(':')}]`).hostname}:${port}`;
}

/** `ADDRESS:PORT` with IPv6 in brackets. */
export function joinHostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function writeFamilyAndPort(bytes: Uint8Array, family: number, port: number): void {
  bytes[0] = family;
  setSockaddrPort(bytes, port);
}

/** The eight 16-bit words of an IPv6 literal that `net.isIPv6` accepts. */
function parseIPv6(address: string): number[] {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const text = dotted ? `${dotted[1]}${dottedToWords(dotted[2] ?? '')}` : address;
  const [head = '', tail] = text.split('::');
  const front = hexWords(head);
  const back = tail === undefined ? [] : hexWords(tail);
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
}

function hexWords(part: string): number[] {
  return part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
}

function dottedToWords(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

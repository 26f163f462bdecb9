/** Addresses as numbers. */
import { isIPv6 } from 'node:net';
import { encodeSockaddr } from '../dataplane/proxy/sockaddr.ts';

export type Family = 4 | 6;

export function familyOf(address: string): Family {
  return isIPv6(address) ? 6 : 4;
}

/** The prefix length of a single address. */
export function fullPrefix(address: string): 32 | 128 {
  return isIPv6(address) ? 128 : 32;
}

/** All of 127/8, and ::1: there on every machine, and of no meaning to any other. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** 4 or 16 bytes in the network's order. */
export function addressBytes(address: string): Uint8Array<ArrayBuffer> {
  const sockaddr = encodeSockaddr(address, 0);
  return isIPv6(address) ? sockaddr.slice(8, 24) : sockaddr.slice(4, 8);
}

/** The other way round, canonical. @param bytes 4 or 16 */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  // The URL parser writes IPv6 as RFC 5952 says.
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
}

/** @param mac as `02:00:5e:00:53:01` */
export function macBytes(mac: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(mac.split(':'), (part) => Number.parseInt(part, 16));
}

export function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Whether an address lies in the network of another one with this prefix length; never across families. */
export function inNetwork(address: string, of: string, prefix: number): boolean {
  const [a, b] = [addressBytes(address), addressBytes(of)];
  if (a.length !== b.length) return false;
  return a.every((byte, i) => {
    const bits = Math.min(8, Math.max(0, prefix - 8 * i));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === ((b[i] ?? 0) & mask);
  });
}

/**
 * What the hashing schedulers know clients and servers by: hashes of their addresses, the same in every process and
 * after every restart, so that two balancers with one config send a client to the same server.
 */
import { halfSipHash } from '../lib/half-siphash.ts';

/** An IPv4 or IPv6 address as four words of memory, IPv4 mapped into IPv6 (RFC 4291 section 2.5.5.2). */
export type AddressWords = Int32Array;

// Fixed keys, two, so that a server that is a client too draws no numbers from its own identity.
const CLIENT_KEY = Int32Array.of(0, 0);
const SERVER_KEY = Int32Array.of(1, 0);

/** @returns 0 to 2^32 - 1 */
export function clientHash(address: AddressWords): number {
  return halfSipHash(address, 0, 4, CLIENT_KEY);
}

/** @returns a signed word */
export function serverIdentity(address: AddressWords): number {
  return halfSipHash(address, 0, 4, SERVER_KEY) | 0;
}

/** Mixes two hashes to a third that tells nothing of either (the finaliser of MurmurHash3). @returns 0 to 2^32 - 1 */
export function mix(a: number, b: number): number {
  let h = a ^ b;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

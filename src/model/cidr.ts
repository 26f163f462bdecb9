/** Addresses with the length of their network's prefix: `192.168.0.40/24`, and networks: `10.0.0.0/24`. */
import { isIPv4 } from 'node:net';
import { parseAddress } from './address.ts';

export interface Cidr {
  /** Canonical. */
  readonly address: string;
  /** In bits. */
  readonly prefix: number;
}

export type ParsedCidr =
  | { readonly ok: true; readonly cidr: Cidr }
  /** `problem` goes on from "VALUE …". */
  | { readonly ok: false; readonly problem: string; readonly hint: string };

/**
 * An address that a machine has in a network, with that network's size.
 * @param text such as `192.168.0.40/24`
 */
export function parseInterfaceAddress(text: string): ParsedCidr {
  const parsed = parseCidr(text, 'Write the address and the prefix length of its network, such as');
  if (!parsed.ok) return parsed;
  const { address, prefix } = parsed.cidr;
  const bits = widthOf(address);
  const hint = `Write an address within the network, such as ${isIPv4(address) ? '192.168.0.40/24' : '2001:db8:1::40/64'}.`;
  if (prefix === 0 || prefix === bits) {
    return { ok: false, problem: 'names no network that others could be in', hint };
  }
  const host = hostBits(address, prefix);
  // The lowest address of an IPv6 network is that of its routers (RFC 4291 section 2.6.1); of /31 and /127 both are hosts.
  if (prefix < bits - 1 && host === 0n) return { ok: false, problem: 'is a network, not an address', hint };
  if (bits === 32 && prefix < 31 && host === (1n << BigInt(bits - prefix)) - 1n) {
    return { ok: false, problem: "is its network's broadcast address", hint };
  }
  return parsed;
}

/** A network, or a single address. @param text such as `10.0.0.0/24` or `10.0.0.41` */
export function parseNetwork(text: string): ParsedCidr {
  if (!text.includes('/')) {
    const parsed = parseAddress(text);
    if (!parsed.ok) return parsed;
    return { ok: true, cidr: { address: parsed.address, prefix: parsed.family === 4 ? 32 : 128 } };
  }
  const parsed = parseCidr(text, 'Write a network such as');
  if (!parsed.ok) return parsed;
  const { address, prefix } = parsed.cidr;
  if (hostBits(address, prefix) === 0n) return parsed;
  const hint = `Write ${formatCidr(networkOf(parsed.cidr))} for the network, or ${address} for this address alone.`;
  return { ok: false, problem: 'is an address within its network, not the network', hint };
}

/** `10.0.0.0/24`; a single address without its length. */
export function formatCidr({ address, prefix }: Cidr): string {
  return prefix === widthOf(address) ? address : `${address}/${prefix}`;
}

/** The network that the address lies in. */
export function networkOf({ address, prefix }: Cidr): Cidr {
  const width = widthOf(address);
  const size = BigInt(width - prefix);
  return { address: textOf((numberOf(address) >> size) << size, width), prefix };
}

/** Never across families. @param address canonical */
export function isWithin(address: string, { address: of, prefix }: Cidr): boolean {
  if (isIPv4(address) !== isIPv4(of)) return false;
  const rest = BigInt(widthOf(of) - prefix);
  return numberOf(address) >> rest === numberOf(of) >> rest;
}

function parseCidr(text: string, wanted: string): ParsedCidr {
  const [, head = '', length] = /^(.{1,64}?)\/(\d{1,3})$/.exec(text.trim()) ?? [];
  const parsed = length === undefined ? null : parseBase(head);
  if (length === undefined || parsed === null) {
    const alone = parseAddress(text.trim());
    const example = alone.ok && alone.family === 6 ? '2001:db8:1::40/64' : '192.168.0.40/24';
    const problem = alone.ok ? 'has no prefix length' : 'is not an address with its prefix length';
    return {
      ok: false,
      problem,
      hint: `${wanted} ${alone.ok ? `${alone.address}/${alone.family === 4 ? 24 : 64}` : example}.`,
    };
  }
  if (!parsed.ok) return parsed;
  const { address } = parsed;
  const prefix = Number(length);
  const width = widthOf(address);
  if (prefix <= width) return { ok: true, cidr: { address, prefix } };
  const problem = `has a prefix length beyond ${width}`;
  return { ok: false, problem, hint: `Write one from 0 to ${width}.` };
}

/** Networks begin with addresses that are no hosts, such as 0.0.0.0 and ::. */
function parseBase(text: string): ReturnType<typeof parseAddress> {
  if (text === '0.0.0.0') return { ok: true, address: text, family: 4 };
  if (text === '::') return { ok: true, address: text, family: 6 };
  return parseAddress(text);
}

function widthOf(address: string): 32 | 128 {
  return isIPv4(address) ? 32 : 128;
}

function hostBits(address: string, prefix: number): bigint {
  return numberOf(address) & ((1n << BigInt(widthOf(address) - prefix)) - 1n);
}

/** @param address canonical, so that at most one run of zeros is left out */
function numberOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const [head = '', tail] = address.split('::');
  const [before, after] = [wordsOf(head), wordsOf(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n);
}

function wordsOf(part: string): string[] {
  return part.split(':').filter((word) => word !== '');
}

function textOf(value: bigint, width: 32 | 128): string {
  const step = width === 32 ? 8n : 16n;
  const count = width === 32 ? 4 : 8;
  const parts = Array.from(
    { length: count },
    (_, i) => (value >> (BigInt(count - 1 - i) * step)) & ((1n << step) - 1n),
  );
  if (width === 32) return parts.join('.');
  // The URL parser writes IPv6 as RFC 5952 says.
  return new URL(`http://[${parts.map((part) => part.toString(16)).join(':')}]`).hostname.slice(1, -1);
}

/** Reads packets that the programs made, with an arithmetic of its own for their checksums. */
import { checksum, pseudoHeader } from './test-packets.ts';

export interface Read {
  /** `ADDRESS PORT`; of ICMP the address alone. */
  readonly from: string;
  readonly to: string;
  readonly hops: number;
  readonly protocol: number;
  /** Whether every checksum is right. Of a fragment only that of its header is looked at. */
  readonly right: boolean;
  /** From the TCP or ICMP header on. */
  readonly body: number[];
  readonly length: number;
}

const TCP = 6;
const ICMP = 1;
const ICMPV6 = 58;
const FRAGMENT = 44;

/** @param bytes with the Ethernet header */
export function read(bytes: Uint8Array): Read {
  return readNetwork([...bytes.subarray(14)]);
}

/** What an ICMP message quotes: as much of it as is there, so its checksums are not judged. */
export function quoted({ body }: Read): Read {
  return readNetwork(body.slice(8));
}

export function word(bytes: readonly number[], at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function readNetwork(bytes: number[]): Read {
  return (bytes[0] ?? 0) >> 4 === 6 ? readIpv6(bytes) : readIpv4(bytes);
}

function readIpv4(bytes: number[]): Read {
  const header = ((bytes[0] ?? 0) & 15) * 4;
  const [from, to] = [bytes.slice(12, 16).join('.'), bytes.slice(16, 20).join('.')];
  const isFragment = (word(bytes, 6) & 0x3fff) !== 0;
  const headerRight = checksum(bytes.slice(0, header)) === 0;
  const rest = { hops: bytes[8] ?? 0, protocol: bytes[9] ?? 0, body: bytes.slice(header, word(bytes, 2)) };
  return finish({ ...rest, from, to, length: bytes.length }, headerRight, isFragment);
}

function readIpv6(bytes: number[]): Read {
  const isFragment = bytes[6] === FRAGMENT;
  const [from, to] = [addressAt(bytes, 8), addressAt(bytes, 24)];
  const at = isFragment ? 48 : 40;
  const protocol = bytes[isFragment ? 40 : 6] ?? 0;
  const body = bytes.slice(at, 40 + word(bytes, 4));
  return finish({ from, to, hops: bytes[7] ?? 0, protocol, body, length: bytes.length }, true, isFragment);
}

function finish(one: Omit<Read, 'right'>, headerRight: boolean, isFragment: boolean): Read {
  const { from, to, protocol, body } = one;
  const pseudo = protocol === ICMP ? [] : pseudoHeader(from, to, protocol, body.length);
  const right = headerRight && (isFragment || checksum([...pseudo, ...body]) === 0);
  if (protocol === ICMP || protocol === ICMPV6) return { ...one, right };
  if (protocol !== TCP) return { ...one, right };
  return { ...one, right, from: `${from} ${word(body, 0)}`, to: `${to} ${word(body, 2)}` };
}

/** With the longest run of zeros left out, as `2001:db8::7`; enough for the addresses of the tests. */
function addressAt(bytes: readonly number[], at: number): string {
  const words = Array.from({ length: 8 }, (_, i) => word(bytes, at + 2 * i).toString(16)).join(':');
  return words.replace(/(^|:)0(:0)+(:|$)/, '::');
}

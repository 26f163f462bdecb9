/** Packets by hand for the programs' tests: what a network card would hand to the kernel, right or wrong. */
export interface PacketWishes {
  /** `ADDRESS PORT`, both ends of one family. */
  readonly from: readonly [address: string, port: number];
  readonly to: readonly [address: string, port: number];
  readonly protocol?: 'tcp' | 'udp' | 'icmp';
  /** Of TCP, e.g. `SYN ACK`. */
  readonly flags?: string;
  readonly seq?: number;
  readonly ack?: number;
  /** Bytes of payload. */
  readonly payload?: number;
  /** A VLAN's tag stands in the packet. */
  readonly vlan?: boolean;
  /** Bytes of IPv4 options, a multiple of 4. */
  readonly options?: number;
  /** Extension headers of IPv6 before the protocol, by their numbers; 44 is a first fragment. */
  readonly extensions?: readonly number[];
  /** Of IPv4, in units of 8 bytes: not 0 is a later fragment. */
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  /** Of all fragments of one packet the same. */
  readonly id?: number;
  /** Without it IPv4 may be cut. */
  readonly whole?: boolean;
  readonly hops?: number;
  /** Bytes of TCP options, a multiple of 4 of them. */
  readonly tcpOptions?: readonly number[];
}

/** The MSS option, after so many others that say nothing. */
export function mssOption(mss: number, before = 0): number[] {
  const options = [...Array.from({ length: before }, () => 1), 2, 4, ...u16(mss)];
  return [...options, ...Array.from({ length: -options.length & 3 }, () => 0)];
}

const NUMBERS = { icmp: 1, tcp: 6, udp: 17 } as const;
const FLAGS: Readonly<Record<string, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 };

export function packet(wishes: PacketWishes): Uint8Array<ArrayBuffer> {
  const ethernet = [0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2];
  const isV6 = wishes.from[0].includes(':');
  const type = isV6 ? 0x86dd : 0x0800;
  const tag = wishes.vlan ? [0x81, 0x00, 0, 7] : [];
  const ip = isV6 ? ipv6(wishes) : ipv4(wishes);
  return Uint8Array.from([...ethernet, ...tag, ...u16(type), ...ip]);
}

export interface IcmpWishes {
  readonly from: string;
  readonly to: string;
  readonly type: number;
  readonly code: number;
  /** The second word of the header, e.g. an MTU. */
  readonly rest: number;
  /** From its network header on. */
  readonly quote: Uint8Array;
  readonly hops?: number;
}

/** An ICMP or ICMPv6 message. */
export function icmp({ from, to, type, code, rest, quote, hops = 64 }: IcmpWishes): Uint8Array<ArrayBuffer> {
  const isV6 = from.includes(':');
  const body = [type, code, 0, 0, ...u32(rest), ...quote];
  const pseudo = isV6 ? pseudoHeader(from, to, 58, body.length) : [];
  body.splice(2, 2, ...u16(checksum([...pseudo, ...body])));
  const bytes = packet({ from: [from, 0], to: [to, 0], hops, protocol: 'icmp' });
  const header = Array.from(bytes.subarray(0, isV6 ? 54 : 34));
  if (isV6) {
    header[20] = 58;
    header.splice(18, 2, ...u16(body.length));
  } else {
    header.splice(16, 2, ...u16(20 + body.length));
    header.splice(24, 2, 0, 0);
    header.splice(24, 2, ...u16(checksum(header.slice(14))));
  }
  return Uint8Array.from([...header, ...body]);
}

/** `203.0.113.9` as `[0, 0, 0xffff, …]` in network byte order, as the maps have it. */
export function addressWords(address: string): { readonly words: number[] } {
  const bytes = address.includes(':')
    ? v6(address)
    : [...Array.from({ length: 10 }, () => 0), 255, 255, ...v4(address)];
  const view = new DataView(Uint8Array.from(bytes).buffer);
  return { words: [0, 4, 8, 12].map((at) => view.getUint32(at, true)) };
}

/** As a number of the maps whose bytes are in network byte order. */
export function networkPort(port: number): number {
  return ((port & 0xff) << 8) | (port >> 8);
}

function ipv4(wishes: PacketWishes): number[] {
  const inner = transport(wishes);
  const options = wishes.options ?? 0;
  const header = 20 + options;
  const fragment =
    (wishes.whole ? 0x4000 : 0) | (wishes.moreFragments ? 0x2000 : 0) | (wishes.fragmentOffset ?? 0);
  const bytes = [
    0x40 | (header / 4),
    0,
    ...u16(header + inner.length),
    ...u16(wishes.id ?? 1),
    ...u16(fragment),
    wishes.hops ?? 64,
    NUMBERS[wishes.protocol ?? 'tcp'],
    ...u16(0),
    ...v4(wishes.from[0]),
    ...v4(wishes.to[0]),
    ...Array.from({ length: options }, () => 1),
  ];
  bytes.splice(10, 2, ...u16(checksum(bytes)));
  return [...bytes, ...inner];
}

/** The ones' complement of the sum of ones' complement (RFC 1071). */
export function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** What a checksum of TCP, UDP or ICMPv6 covers beside the packet (RFC 9293 section 3.1, RFC 8200 section 8.1). */
export function pseudoHeader(from: string, to: string, protocol: number, length: number): number[] {
  const addresses = [from, to].flatMap((one) => (one.includes(':') ? v6(one) : v4(one)));
  return [...addresses, ...u32(length), 0, 0, 0, protocol];
}

function ipv6(wishes: PacketWishes): number[] {
  const chain = [...(wishes.extensions ?? []), NUMBERS[wishes.protocol ?? 'tcp']];
  // Each is 8 bytes: its own length field says 0 units more, or for AH (51) that it has two words.
  const offset = ((wishes.fragmentOffset ?? 0) << 3) | (wishes.moreFragments === false ? 0 : 1);
  const extensions = chain
    .slice(1)
    .flatMap((next, i) => [
      next,
      0,
      ...(chain[i] === 44 ? [...u16(offset), ...u32(wishes.id ?? 0)] : [0, 0, 0, 0, 0, 0]),
    ]);
  const inner = [...extensions, ...transport(wishes)];
  return [
    0x60,
    0,
    0,
    0,
    ...u16(inner.length),
    chain[0]!,
    wishes.hops ?? 64,
    ...v6(wishes.from[0]),
    ...v6(wishes.to[0]),
    ...inner,
  ];
}

function transport(wishes: PacketWishes): number[] {
  const { from, to, protocol = 'tcp' } = wishes;
  const payload = Array.from({ length: wishes.payload ?? 0 }, () => 0x78);
  if (protocol === 'udp')
    return [...u16(from[1]), ...u16(to[1]), ...u16(8 + payload.length), 0, 0, ...payload];
  if (protocol === 'icmp') return [3, 4, 0, 0, 0, 0, 0, 0, ...payload];
  const flags = (wishes.flags ?? 'ACK').split(' ').reduce((sum, name) => sum | (FLAGS[name] ?? 0), 0);
  const numbers = [...u32(wishes.seq ?? 1), ...u32(wishes.ack ?? 0)];
  const options = wishes.tcpOptions ?? [];
  const header = (20 + options.length) << 2;
  const ports = [...u16(from[1]), ...u16(to[1])];
  const segment = [...ports, ...numbers, header, flags, ...u16(65_535), 0, 0, 0, 0, ...options, ...payload];
  const all = [...pseudoHeader(from[0], to[0], NUMBERS.tcp, segment.length), ...segment];
  segment.splice(16, 2, ...u16(checksum(all)));
  return segment;
}

function u16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

function v4(address: string): number[] {
  return address.split('.').map(Number);
}

function v6(address: string): number[] {
  const [head = '', tail = ''] = address.split('::');
  const [first, last] = [words(head), words(tail)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return [...first, ...zeros, ...last].flatMap(u16);
}

function words(text: string): number[] {
  return text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
}

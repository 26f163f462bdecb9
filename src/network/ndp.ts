/** Neighbour discovery for one IPv6 address on an Ethernet (RFC 4861, RFC 4862), and what others' messages claim. Pure. */
import { type Claim, etherType, ETHERNET_HEADER, ethernetFrame, sourceMac } from './ethernet.ts';
import { addressBytes, addressText, macText } from './family.ts';

export const ETHERTYPE_IPV6 = 0x86dd;
export const ICMPV6 = 58;
export const NEIGHBOUR_SOLICITATION = 135;
export const NEIGHBOUR_ADVERTISEMENT = 136;

const IPV6_HEADER = 40;
/** Type, code, checksum, flags, target. */
const MESSAGE = 24;
const LINK_ADDRESS_OPTION = 8;
/** Routers never pass on a packet with this limit when it is received as such: it comes from this link (RFC 4861 section 7.1). */
const HOP_LIMIT = 255;
const OVERRIDE = 0x20;
const TARGET_LINK_ADDRESS = 2;
const UNSPECIFIED = '::';
const ALL_NODES = 'ff02::1';

interface Message {
  readonly type: number;
  readonly flags: number;
  readonly from: string;
  readonly to: string;
  readonly target: string;
  /** With the option that says where the target is. */
  readonly located: boolean;
}

/** The probe of duplicate address detection: from nobody, to whoever has the address (RFC 4862 section 5.4.2). */
export function neighbourProbe(mac: Uint8Array, address: string): Uint8Array<ArrayBuffer> {
  const to = solicitedNode(address);
  return frameOf(mac, {
    type: NEIGHBOUR_SOLICITATION,
    flags: 0,
    from: UNSPECIFIED,
    to,
    target: address,
    located: false,
  });
}

/** Tells everybody that the address is at this MAC now; Override has caches replaced at once (RFC 4861 section 7.2.6). */
export function neighbourAnnouncement(mac: Uint8Array, address: string): Uint8Array<ArrayBuffer> {
  return frameOf(mac, {
    type: NEIGHBOUR_ADVERTISEMENT,
    flags: OVERRIDE,
    from: address,
    to: ALL_NODES,
    target: address,
    located: true,
  });
}

/** Whoever advertises an address has it; whoever solicits for it from nowhere is about to (RFC 4862 section 5.4.3). */
export function neighbourClaim(frame: Uint8Array): Claim | null {
  const packet = frame.subarray(ETHERNET_HEADER);
  if (etherType(frame) !== ETHERTYPE_IPV6 || packet[6] !== ICMPV6 || packet[7] !== HOP_LIMIT) return null;
  const length = ((packet[4] ?? 0) << 8) | (packet[5] ?? 0);
  if (length < MESSAGE || packet.length < IPV6_HEADER + length) return null;
  const message = packet.subarray(IPV6_HEADER, IPV6_HEADER + length);
  if (message[1] !== 0 || checksum(packet.subarray(8, IPV6_HEADER), message) !== 0) return null;
  const address = addressText(message.subarray(8, MESSAGE));
  if (message[0] === NEIGHBOUR_ADVERTISEMENT) {
    return { address, mac: macText(targetLinkAddress(message) ?? sourceMac(frame)) };
  }
  const probes = message[0] === NEIGHBOUR_SOLICITATION && packet.subarray(8, 24).every((byte) => byte === 0);
  return probes ? { address, mac: macText(sourceMac(frame)) } : null;
}

/** Options are type, length in units of 8 bytes, content; a length of 0 makes the message invalid (RFC 4861 section 4.6). */
function targetLinkAddress(message: Uint8Array): Uint8Array | null {
  for (let at = MESSAGE; at + 8 <= message.length; ) {
    const size = 8 * (message[at + 1] ?? 0);
    if (size === 0) return null;
    if (message[at] === TARGET_LINK_ADDRESS) return message.subarray(at + 2, at + 8);
    at += size;
  }
  return null;
}

function frameOf(
  mac: Uint8Array,
  { type, flags, from, to, target, located }: Message,
): Uint8Array<ArrayBuffer> {
  const length = MESSAGE + (located ? LINK_ADDRESS_OPTION : 0);
  const frame = ethernetFrame(multicastMac(to), mac, ETHERTYPE_IPV6, IPV6_HEADER + length);
  const packet = frame.subarray(ETHERNET_HEADER, ETHERNET_HEADER + IPV6_HEADER + length);
  packet.set([0x60, 0, 0, 0, length >> 8, length & 0xff, ICMPV6, HOP_LIMIT]);
  packet.set(addressBytes(from), 8);
  packet.set(addressBytes(to), 24);
  const message = packet.subarray(IPV6_HEADER);
  message[0] = type;
  message[4] = flags;
  message.set(addressBytes(target), 8);
  if (located) message.set([TARGET_LINK_ADDRESS, 1, ...mac], MESSAGE);
  const sum = checksum(packet.subarray(8, IPV6_HEADER), message);
  message[2] = sum >> 8;
  message[3] = sum & 0xff;
  return frame;
}

/** ff02::1:ff00:0/104 and the last 24 bits of the address (RFC 4291 section 2.7.1). */
function solicitedNode(address: string): string {
  const group = addressBytes('ff02::1:ff00:0');
  group.set(addressBytes(address).subarray(13), 13);
  return addressText(group);
}

/** RFC 2464 section 7. */
function multicastMac(group: string): Uint8Array {
  return Uint8Array.from([0x33, 0x33, ...addressBytes(group).subarray(12)]);
}

/** Over the pseudo-header and the message; 0 of a message whose checksum is right (RFC 4443 section 2.3). */
function checksum(addresses: Uint8Array, message: Uint8Array): number {
  let sum = message.length + ICMPV6;
  for (const part of [addresses, message]) {
    for (let i = 0; i < part.length; i += 2) sum += ((part[i] ?? 0) << 8) | (part[i + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  return ~sum & 0xffff;
}

/** A reset (RFC 9293 section 3.5.2) as a whole packet, and a question to go with it. Pure. */
import { isIPv6 } from 'node:net';
import { addressBytes } from '../../../network/family.ts';

export interface Reset {
  /** Whom it is to seem to come from; canonical. */
  readonly from: string;
  readonly fromPort: number;
  /** Whom it is for. */
  readonly to: string;
  readonly toPort: number;
  /** Exactly what the receiver expects next: it doubts any other within its window (RFC 5961 section 3.2). */
  readonly sequence: number;
  /** What the receiver sends next; an end that still waits for an answer to its SYN believes only this number. */
  readonly acknowledgement: number;
}

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const TCP_HEADER = 20;
const TCP = 6;
const TTL = 64;
const ACK = 0x10;
const RST_ACK = 0x14;
const DONT_FRAGMENT = 0x4000;

export function resetPacket(reset: Reset): Uint8Array<ArrayBuffer> {
  return packet(reset, RST_ACK);
}

/**
 * One byte behind what the receiver expects, as a keep-alive is: it answers with what it does expect (RFC 9293 section
 * 3.10.7.4), also when the number is quite wrong, where it would pass over a reset in silence.
 */
export function questionPacket(reset: Reset): Uint8Array<ArrayBuffer> {
  return packet({ ...reset, sequence: (reset.sequence - 1) >>> 0 }, ACK);
}

function packet(reset: Reset, flags: number): Uint8Array<ArrayBuffer> {
  const [from, to] = [addressBytes(reset.from), addressBytes(reset.to)];
  const tcp = segment(reset, flags);
  new DataView(tcp.buffer).setUint16(16, checksum([pseudoHeader(from, to), tcp]));
  const header = isIPv6(reset.to) ? header6(from, to) : header4(from, to);
  return Uint8Array.from([...header, ...tcp]);
}

function segment(
  { fromPort, toPort, sequence, acknowledgement }: Reset,
  flags: number,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(TCP_HEADER));
  view.setUint16(0, fromPort);
  view.setUint16(2, toPort);
  view.setUint32(4, sequence);
  view.setUint32(8, acknowledgement);
  view.setUint8(12, (TCP_HEADER / 4) << 4);
  view.setUint8(13, flags);
  return new Uint8Array(view.buffer);
}

/** RFC 791; its own checksum too, though the kernel writes that once more. */
function header4(from: Uint8Array, to: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(IPV4_HEADER);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, IPV4_HEADER + TCP_HEADER);
  view.setUint16(6, DONT_FRAGMENT);
  view.setUint8(8, TTL);
  view.setUint8(9, TCP);
  bytes.set(from, 12);
  bytes.set(to, 16);
  view.setUint16(10, checksum([bytes]));
  return bytes;
}

/** RFC 8200. */
function header6(from: Uint8Array, to: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(IPV6_HEADER);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, TCP_HEADER);
  view.setUint8(6, TCP);
  view.setUint8(7, TTL);
  bytes.set(from, 8);
  bytes.set(to, 24);
  return bytes;
}

/** RFC 9293 section 3.1; that of IPv6 has wider fields, which add up to the same. */
function pseudoHeader(from: Uint8Array, to: Uint8Array): Uint8Array {
  return Uint8Array.from([...from, ...to, 0, TCP, 0, TCP_HEADER]);
}

/** RFC 1071. @param parts each of an even number of bytes */
export function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    for (let at = 0; at + 1 < part.length; at += 2) sum += view.getUint16(at);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

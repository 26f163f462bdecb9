/**
 * One direction of a connection, read where it stands in a message: a look at a hundred thousand connections makes nothing
 * of each. Pure.
 */
import { attributeIn, endOfAttribute } from './netlink.ts';

const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_IP_SRC = { 4: 1, 16: 3 } as const;
const CTA_IP_DST = { 4: 2, 16: 4 } as const;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_SRC_PORT = 2;
const CTA_PROTO_DST_PORT = 3;

export class RawTuple {
  /** As in the IP header. */
  protocol = 0;
  /** Where the addresses stand, and how many bytes each has. */
  fromAt = 0;
  toAt = 0;
  addressSize: 4 | 16 = 4;
  fromPort = 0;
  toPort = 0;

  /**
   * @param type of the attribute that it is
   * @param from where the attributes of the entry begin
   * @returns false of one that is not there or not well formed
   */
  read(bytes: Uint8Array, type: number, from: number): boolean {
    const at = attributeIn(bytes, type, from, bytes.length);
    if (at < 0) return false;
    const end = endOfAttribute(bytes, at);
    const ip = attributeIn(bytes, CTA_TUPLE_IP, at, end);
    const proto = attributeIn(bytes, CTA_TUPLE_PROTO, at, end);
    if (ip < 0 || proto < 0) return false;
    return (
      this.readProtocol(bytes, proto) &&
      (this.readAddresses(bytes, ip, 4) || this.readAddresses(bytes, ip, 16))
    );
  }

  private readAddresses(bytes: Uint8Array, at: number, size: 4 | 16): boolean {
    const end = endOfAttribute(bytes, at);
    this.addressSize = size;
    this.fromAt = sized(bytes, CTA_IP_SRC[size], at, end, size);
    this.toAt = sized(bytes, CTA_IP_DST[size], at, end, size);
    return this.fromAt >= 0 && this.toAt >= 0;
  }

  /** Conntrack's numbers are in the network's order. */
  private readProtocol(bytes: Uint8Array, at: number): boolean {
    const end = endOfAttribute(bytes, at);
    const number = sized(bytes, CTA_PROTO_NUM, at, end, 1);
    const from = sized(bytes, CTA_PROTO_SRC_PORT, at, end, 2);
    const to = sized(bytes, CTA_PROTO_DST_PORT, at, end, 2);
    if (number < 0 || from < 0 || to < 0) return false;
    this.protocol = bytes[number]!;
    this.fromPort = (bytes[from]! << 8) | bytes[from + 1]!;
    this.toPort = (bytes[to]! << 8) | bytes[to + 1]!;
    return true;
  }
}

/** Where an attribute of this size has its value; -1: there is none. */
function sized(bytes: Uint8Array, type: number, from: number, end: number, size: number): number {
  const at = attributeIn(bytes, type, from, end);
  return at >= 0 && endOfAttribute(bytes, at) - at === size ? at : -1;
}

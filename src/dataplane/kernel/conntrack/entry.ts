/** Connections as conntrack tells of them (linux/netfilter/nfnetlink_conntrack.h). Pure. */
import type { Protocol } from '../../../model/effective.ts';
import { addressBytes, addressText, familyOf } from '../../../network/family.ts';
import { attribute, attributesOf, nested, viewOf } from './netlink.ts';
import { RawTuple } from './raw-tuple.ts';

/** One direction of a connection. */
export interface Tuple {
  readonly protocol: Protocol;
  /** Canonical. */
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
}

export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

export interface Entry {
  /** Of this entry and none after it of the same addresses and ports. */
  readonly id: number;
  /** As the client sees it: to the VIP. */
  readonly original: Tuple;
  /** As the server answers: from itself, to the source. */
  readonly reply: Tuple;
  readonly mark: number;
  /** Seconds until it is forgotten if nothing comes. */
  readonly expiresS: number;
  /** Null: UDP. Such as `ESTABLISHED`. */
  readonly tcpState: TcpState | null;
  /** Null where connections are not accounted (limits.ts). */
  readonly originalTraffic: Traffic | null;
  readonly replyTraffic: Traffic | null;
}

/** In the order of the kernel's numbers (nf_conntrack_tcp.h); sysctl names are the same in small letters. */
const TCP_STATES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const;
export type TcpState = (typeof TCP_STATES)[number];

export const CTA_TUPLE_ORIG = 1;
export const CTA_TUPLE_REPLY = 2;
const CTA_PROTOINFO = 4;
const CTA_TIMEOUT = 7;
export const CTA_MARK = 8;
const CTA_COUNTERS_ORIG = 9;
const CTA_COUNTERS_REPLY = 10;
export const CTA_ID = 12;
export const CTA_MARK_MASK = 21;
const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_IP_SRC = { 4: 1, 6: 3 } as const;
const CTA_IP_DST = { 4: 2, 6: 4 } as const;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_SRC_PORT = 2;
const CTA_PROTO_DST_PORT = 3;
const CTA_COUNTERS_PACKETS = 1;
const CTA_COUNTERS_BYTES = 2;
const CTA_PROTOINFO_TCP = 1;
const CTA_PROTOINFO_TCP_STATE = 1;

/** Family, version, resource. */
export const NFGENMSG = 4;

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const satisfies Record<Protocol, number>;

/** Null of what is not TCP or UDP, or not well formed. @param payload of a message, from struct nfgenmsg on */
export function parseEntry(payload: Uint8Array): Entry | null {
  if (payload.length < NFGENMSG) return null;
  const all = attributesOf(payload.subarray(NFGENMSG));
  const original = parseTuple(payload, CTA_TUPLE_ORIG);
  const reply = parseTuple(payload, CTA_TUPLE_REPLY);
  if (!all || !original || !reply) return null;
  return {
    id: unsigned(all.get(CTA_ID), 4) ?? 0,
    original,
    reply,
    mark: unsigned(all.get(CTA_MARK), 4) ?? 0,
    expiresS: unsigned(all.get(CTA_TIMEOUT), 4) ?? 0,
    tcpState: tcpState(all.get(CTA_PROTOINFO)),
    originalTraffic: traffic(all.get(CTA_COUNTERS_ORIG)),
    replyTraffic: traffic(all.get(CTA_COUNTERS_REPLY)),
  };
}

/** Null of what is not TCP or UDP, or not well formed. @param type CTA_TUPLE_ORIG or CTA_TUPLE_REPLY */
export function parseTuple(payload: Uint8Array, type: number): Tuple | null {
  const raw = new RawTuple();
  const protocol = raw.read(payload, type, NFGENMSG) ? protocolOf(raw.protocol) : null;
  if (!protocol) return null;
  const { fromAt, toAt, addressSize, fromPort, toPort } = raw;
  const textAt = (at: number): string => addressText(payload.subarray(at, at + addressSize));
  return { protocol, from: textAt(fromAt), fromPort, to: textAt(toAt), toPort };
}

function tcpState(bytes: Uint8Array | undefined): TcpState | null {
  const tcp = inside(inside(bytes)?.get(CTA_PROTOINFO_TCP));
  return TCP_STATES[unsigned(tcp?.get(CTA_PROTOINFO_TCP_STATE), 1) ?? -1] ?? null;
}

function traffic(bytes: Uint8Array | undefined): Traffic | null {
  const counters = inside(bytes);
  const packets = unsigned(counters?.get(CTA_COUNTERS_PACKETS), 8);
  const count = unsigned(counters?.get(CTA_COUNTERS_BYTES), 8);
  return packets === null || count === null ? null : { packets, bytes: count };
}

function inside(bytes: Uint8Array | undefined): Map<number, Uint8Array> | null {
  return bytes === undefined ? null : attributesOf(bytes);
}

/** Conntrack's numbers are in the network's order. Null of one that has another size. */
function unsigned(bytes: Uint8Array | undefined, size: 1 | 2 | 4 | 8): number | null {
  if (bytes?.length !== size) return null;
  const view = viewOf(bytes);
  if (size === 8) return Number(view.getBigUint64(0));
  if (size === 4) return view.getUint32(0);
  return size === 2 ? view.getUint16(0) : view.getUint8(0);
}

export function protocolOf(number: number | null): Protocol | null {
  if (number === PROTOCOL_NUMBERS.tcp) return 'tcp';
  return number === PROTOCOL_NUMBERS.udp ? 'udp' : null;
}

export function encodeTuple(type: number, { protocol, from, fromPort, to, toPort }: Tuple): Uint8Array {
  const family = familyOf(from);
  return nested(
    type,
    nested(
      CTA_TUPLE_IP,
      attribute(CTA_IP_SRC[family], addressBytes(from)),
      attribute(CTA_IP_DST[family], addressBytes(to)),
    ),
    nested(
      CTA_TUPLE_PROTO,
      attribute(CTA_PROTO_NUM, Uint8Array.of(PROTOCOL_NUMBERS[protocol])),
      attribute(CTA_PROTO_SRC_PORT, Uint8Array.of(fromPort >> 8, fromPort & 0xff)),
      attribute(CTA_PROTO_DST_PORT, Uint8Array.of(toPort >> 8, toPort & 0xff)),
    ),
  );
}

export function encodeNumber(type: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return attribute(type, bytes);
}

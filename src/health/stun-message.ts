/** The few parts of STUN (RFC 8489) that a check of a server needs: a Binding request, and what its answer says. */
import { crc32 } from 'node:zlib';

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
const MAGIC_COOKIE = 0x2112_a442;
const HEADER_BYTES = 20;
const FINGERPRINT_XOR = 0x5354_554e;

const MAPPED_ADDRESS = 0x0001;
const ERROR_CODE = 0x0009;
const XOR_MAPPED_ADDRESS = 0x0020;
const FINGERPRINT = 0x8028;
/** Attributes below must be understood (RFC 8489 14); these are, or change nothing here. */
const KNOWN = new Set([
  0x0001, 0x0006, 0x0008, 0x0009, 0x000a, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0020,
]);
const OPTIONAL_FROM = 0x8000;

export type StunAnswer =
  | { readonly kind: 'success' }
  | { readonly kind: 'error'; readonly code: number; readonly reason: string }
  /** Something else, another transaction, or malformed. Clients drop such datagrams (RFC 8489 6.3). */
  | { readonly kind: 'other'; readonly why: string };

/** @param transaction 12 random bytes */
export function bindingRequest(transaction: Buffer): Buffer {
  const request = Buffer.alloc(HEADER_BYTES);
  request.writeUInt16BE(BINDING_REQUEST, 0);
  request.writeUInt32BE(MAGIC_COOKIE, 4);
  transaction.copy(request, 8);
  return request;
}

function other(why: string): StunAnswer {
  return { kind: 'other', why };
}

export function readAnswer(datagram: Buffer, transaction: Buffer): StunAnswer {
  if (datagram.length < HEADER_BYTES || datagram.readUInt32BE(4) !== MAGIC_COOKIE) return other('Not STUN');
  const length = datagram.readUInt16BE(2);
  if (length % 4 !== 0 || length !== datagram.length - HEADER_BYTES) return other('Malformed STUN');
  if (!datagram.subarray(8, 20).equals(transaction)) return other('An answer to another request');
  const type = datagram.readUInt16BE(0);
  if (type !== BINDING_SUCCESS && type !== BINDING_ERROR) return other('Not an answer to a Binding request');
  const attributes = attributesOf(datagram);
  if (!attributes || !fingerprintFits(datagram, attributes)) return other('Malformed STUN');
  return type === BINDING_ERROR ? errorOf(attributes) : successOf(attributes);
}

interface Attribute {
  readonly type: number;
  readonly value: Buffer;
  readonly at: number;
}

function attributesOf(datagram: Buffer): Attribute[] | null {
  const found: Attribute[] = [];
  let at = HEADER_BYTES;
  while (at < datagram.length) {
    const length = datagram.readUInt16BE(at + 2);
    const end = at + 4 + length;
    if (end > datagram.length) return null;
    found.push({ type: datagram.readUInt16BE(at), value: datagram.subarray(at + 4, end), at });
    // Values are padded to four bytes (RFC 8489 14).
    at = end + ((4 - (length % 4)) % 4);
  }
  return found;
}

/** RFC 8489 14.7; it is the last attribute, when there is one. */
function fingerprintFits(datagram: Buffer, attributes: readonly Attribute[]): boolean {
  const found = attributes.find((a) => a.type === FINGERPRINT);
  if (!found) return true;
  if (found.value.length !== 4 || found !== attributes.at(-1)) return false;
  return (crc32(datagram.subarray(0, found.at)) ^ FINGERPRINT_XOR) >>> 0 === found.value.readUInt32BE();
}

function successOf(attributes: readonly Attribute[]): StunAnswer {
  const unknown = attributes.find((a) => a.type < OPTIONAL_FROM && !KNOWN.has(a.type));
  if (unknown) return other(`Unknown attribute 0x${unknown.type.toString(16).padStart(4, '0')}`);
  const address = attributes.find((a) => a.type === XOR_MAPPED_ADDRESS || a.type === MAPPED_ADDRESS);
  if (!address || !isAddress(address.value)) return other('An answer without an address');
  return { kind: 'success' };
}

/** RFC 8489 14.1: a zero byte, the family, the port, 4 or 16 bytes. */
function isAddress(value: Buffer): boolean {
  return (value[1] === 1 && value.length === 8) || (value[1] === 2 && value.length === 20);
}

/** RFC 8489 14.8: the hundreds in three bits, the rest in a byte, then the reason. */
function errorOf(attributes: readonly Attribute[]): StunAnswer {
  const value = attributes.find((a) => a.type === ERROR_CODE)?.value;
  const [hundreds, rest] = [(value?.[2] ?? 0) & 7, value?.[3] ?? 100];
  if (!value || hundreds < 3 || hundreds > 6 || rest > 99) return other('Malformed STUN');
  return { kind: 'error', code: hundreds * 100 + rest, reason: value.toString('utf8', 4) };
}

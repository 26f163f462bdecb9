/**
 * Netlink's envelope: messages in a datagram, attributes in a message (netlink(7), linux/netlink.h). Lengths in what is
 * read are hostile until checked; every step of a walk goes forward by at least a header, so a walk always ends.
 */

export const MESSAGE_HEADER = 16;
export const ATTRIBUTE_HEADER = 4;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
export const NLM_F_DUMP = 0x300;

const NESTED = 0x8000;
/** Less the flags for nesting and for byte order. */
const TYPE_MASK = 0x3fff;

export interface Message {
  readonly type: number;
  readonly sequence: number;
  /** What follows the header. */
  readonly payload: Uint8Array;
}

/** Up to the first message that is torn or says a length that cannot be. */
export function* messagesIn(datagram: Uint8Array): Generator<Message> {
  const view = viewOf(datagram);
  for (let at = 0; at + MESSAGE_HEADER <= datagram.length; ) {
    const length = view.getUint32(at, true);
    if (length < MESSAGE_HEADER || length > datagram.length - at) return;
    yield {
      type: view.getUint16(at + 4, true),
      sequence: view.getUint32(at + 8, true),
      payload: datagram.subarray(at + MESSAGE_HEADER, at + length),
    };
    at += aligned(length);
  }
}

/** By type; of one that comes twice the last. Null of attributes that are torn or say a length that cannot be. */
export function attributesOf(bytes: Uint8Array): Map<number, Uint8Array> | null {
  const found = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let at = 0; at + ATTRIBUTE_HEADER <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER || length > bytes.length - at) return null;
    found.set(view.getUint16(at + 2, true) & TYPE_MASK, bytes.subarray(at + ATTRIBUTE_HEADER, at + length));
    at += aligned(length);
  }
  return found;
}

/** Where the value of the first attribute of this type begins; -1: there is none, or one before it is torn. */
export function attributeIn(bytes: Uint8Array, type: number, from: number, end: number): number {
  for (let at = from; at + ATTRIBUTE_HEADER <= end; ) {
    const length = shortAt(bytes, at);
    if (length < ATTRIBUTE_HEADER || length > end - at) return -1;
    if ((shortAt(bytes, at + 2) & TYPE_MASK) === type) return at + ATTRIBUTE_HEADER;
    at += aligned(length);
  }
  return -1;
}

/** Behind the value that begins here. */
export function endOfAttribute(bytes: Uint8Array, at: number): number {
  return at - ATTRIBUTE_HEADER + shortAt(bytes, at - ATTRIBUTE_HEADER);
}

function shortAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export function encodeMessage({ type, flags, sequence, payload }: Request): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(MESSAGE_HEADER + payload.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  bytes.set(payload, MESSAGE_HEADER);
  return bytes;
}

export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(aligned(ATTRIBUTE_HEADER + value.length));
  const view = viewOf(bytes);
  view.setUint16(0, ATTRIBUTE_HEADER + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, ATTRIBUTE_HEADER);
  return bytes;
}

export function nested(type: number, ...attributes: readonly Uint8Array[]): Uint8Array {
  return attribute(type | NESTED, joined(attributes));
}

/** Not by Buffer.concat, whose pool grows with every request until the old generation is collected. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

/** The frame around ARP and neighbour discovery. */

/** Some machine has an address, or is about to. */
export interface Claim {
  /** Canonical. */
  readonly address: string;
  readonly mac: string;
}

export const ETHERNET_HEADER = 14;
/** Shorter frames are padded by the hardware; some virtual links want it done (IEEE 802.3, without checksum). */
const SHORTEST = 60;

export const BROADCAST: Uint8Array = new Uint8Array(6).fill(0xff);

/** A frame with room for a payload of this many bytes, all zero. */
export function ethernetFrame(
  to: Uint8Array,
  from: Uint8Array,
  type: number,
  payload: number,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(Math.max(SHORTEST, ETHERNET_HEADER + payload));
  frame.set(to);
  frame.set(from, 6);
  frame[12] = type >> 8;
  frame[13] = type & 0xff;
  return frame;
}

/** -1 of a frame that is too short to have one. */
export function etherType(frame: Uint8Array): number {
  return frame.length < ETHERNET_HEADER ? -1 : ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
}

export function sourceMac(frame: Uint8Array): Uint8Array {
  return frame.subarray(6, 12);
}

export function sameBytes(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((byte, i) => byte === b[i]);
}

/** ARP frames for one address on an Ethernet (RFC 826, RFC 5227), and what other machines' frames claim. Pure. */
import { addressBytes, addressText, macText } from './family.ts';
import { BROADCAST, type Claim, etherType, ETHERNET_HEADER, ethernetFrame, sameBytes } from './ethernet.ts';

export const ETHERTYPE_ARP = 0x0806;

const LENGTH = 28;
const REQUEST = 1;
/** Hardware type Ethernet, protocol type IPv4, their address lengths (RFC 826). */
const FORMAT = [0, 1, 8, 0, 6, 4];
const NO_ADDRESS = '0.0.0.0';

/** Asks whether anybody has the address, without saying that we will: nobody's cache changes (RFC 5227 section 2.1.1). */
export function arpProbe(mac: Uint8Array, address: string): Uint8Array<ArrayBuffer> {
  return request(mac, NO_ADDRESS, address);
}

/** Tells everybody that the address is at this MAC now: entries of caches are replaced at once (RFC 5227 section 2.3). */
export function arpAnnouncement(mac: Uint8Array, address: string): Uint8Array<ArrayBuffer> {
  return request(mac, address, address);
}

function request(mac: Uint8Array, sender: string, wanted: string): Uint8Array<ArrayBuffer> {
  const frame = ethernetFrame(BROADCAST, mac, ETHERTYPE_ARP, LENGTH);
  const packet = frame.subarray(ETHERNET_HEADER);
  packet.set([...FORMAT, 0, REQUEST]);
  packet.set(mac, 8);
  packet.set(addressBytes(sender), 14);
  packet.set(addressBytes(wanted), 24);
  return frame;
}

/** Whoever sends from an address has it; whoever probes for one (sender 0.0.0.0) is about to (RFC 5227 section 2.1.1). */
export function arpClaim(frame: Uint8Array): Claim | null {
  const packet = frame.subarray(ETHERNET_HEADER);
  if (etherType(frame) !== ETHERTYPE_ARP || packet.length < LENGTH) return null;
  const operation = ((packet[6] ?? 0) << 8) | (packet[7] ?? 0);
  if (!sameBytes(packet.subarray(0, 6), FORMAT) || (operation !== 1 && operation !== 2)) return null;
  const mac = macText(packet.subarray(8, 14));
  const sender = addressText(packet.subarray(14, 18));
  if (sender !== NO_ADDRESS) return { address: sender, mac };
  return operation === REQUEST ? { address: addressText(packet.subarray(24, 28)), mac } : null;
}

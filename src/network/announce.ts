/** Telling the link where an address is: gratuitous ARP, unsolicited neighbour advertisements. */
import type { Link } from './duplicates.ts';
import { familyOf, macBytes } from './family.ts';
import { LINK_PROTOCOLS } from './link-protocol.ts';
import type { PacketSocket } from './packet-socket.ts';

/**
 * When, in ms from the start: two as RFC 5227 section 2.3 has it, and later ones for switches whose port was not yet
 * forwarding (spanning tree takes up to 30 s) and for machines that lost the first.
 */
export const ANNOUNCE_TIMES_MS: readonly number[] = [0, 2000, 10_000, 30_000];

/**
 * Sends one announcement for each address.
 * @returns those for which it could not be sent
 * @throws PoolgateError what `open` throws
 */
export function announceOnce(
  addresses: readonly string[],
  link: Link,
  open: (interfaceIndex: number, etherType: number) => PacketSocket,
): string[] {
  const mac = macBytes(link.mac);
  return ([4, 6] as const).flatMap((family) => {
    const own = addresses.filter((address) => familyOf(address) === family);
    if (own.length === 0) return [];
    const { etherType, announcement } = LINK_PROTOCOLS[family];
    const socket = open(link.index, etherType);
    try {
      return own.filter((address) => !socket.send(announcement(mac, address)));
    } finally {
      socket.close();
    }
  });
}

/** How an address is asked for and announced on a link, by family. */
import { ETHERTYPE_ARP, arpAnnouncement, arpClaim, arpProbe } from './arp.ts';
import type { Claim } from './ethernet.ts';
import type { Family } from './family.ts';
import { ETHERTYPE_IPV6, neighbourAnnouncement, neighbourClaim, neighbourProbe } from './ndp.ts';

export interface LinkProtocol {
  readonly etherType: number;
  probe(mac: Uint8Array, address: string): Uint8Array<ArrayBuffer>;
  announcement(mac: Uint8Array, address: string): Uint8Array<ArrayBuffer>;
  /** What a received frame claims; null of one that is none of this protocol's, or not valid. Never throws. */
  claim(frame: Uint8Array): Claim | null;
}

export const LINK_PROTOCOLS: Readonly<Record<Family, LinkProtocol>> = {
  4: { etherType: ETHERTYPE_ARP, probe: arpProbe, announcement: arpAnnouncement, claim: arpClaim },
  6: {
    etherType: ETHERTYPE_IPV6,
    probe: neighbourProbe,
    announcement: neighbourAnnouncement,
    claim: neighbourClaim,
  },
};

/** Packets are of IPv4 or IPv6, and so are the addresses in a rule. */
import { isIPv6 } from 'node:net';
import { type Cidr, formatCidr, networkOf, parseNetwork } from '../../model/cidr.ts';
import type { Party } from './flow.ts';

export type Family = 4 | 6;

export const FAMILIES: readonly Family[] = [4, 6];

/** The party's addresses of one family. */
export function addressesOf({ addresses }: Party, family: Family): readonly string[] {
  if (addresses === 'any') return [];
  return addresses.filter((address) => isIPv6(address.split('/')[0] ?? '') === (family === 6));
}

/** The same addresses in as few networks as hold them and nothing else. */
export function aggregated(addresses: readonly string[]): readonly string[] {
  let networks = addresses.flatMap((text) => {
    const parsed = parseNetwork(text);
    return parsed.ok ? [parsed.cidr] : [];
  });
  for (let merged = true; merged; ) {
    const halves = new Map<string, Cidr[]>();
    for (const cidr of new Map(networks.map((one) => [key(one), one])).values()) {
      // Nothing is above the network of all addresses.
      const whole = cidr.prefix === 0 ? cidr : networkOf({ ...cidr, prefix: cidr.prefix - 1 });
      halves.set(key(whole), [...(halves.get(key(whole)) ?? []), cidr]);
    }
    const next = [...halves.values()].flatMap(([one, other]) =>
      one && other ? [networkOf({ ...one, prefix: one.prefix - 1 })] : one ? [one] : [],
    );
    merged = next.length < networks.length;
    networks = next;
  }
  return networks.map(formatCidr);
}

function key({ address, prefix }: Cidr): string {
  return `${address}/${prefix}`;
}

/** Whether packets of this family can have this end: an end that is to be filled in can have both. */
export function speaks(party: Party, family: Family): boolean {
  if (party.addresses === 'any') return true;
  return addressesOf(party, family).length > 0 || (party.open && party.addresses.length === 0);
}

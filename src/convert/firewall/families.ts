/** Packets are of IPv4 or IPv6, and so are the addresses in a rule. */
import { isIPv6 } from 'node:net';
import type { Party } from './flow.ts';

export type Family = 4 | 6;

export const FAMILIES: readonly Family[] = [4, 6];

/** The party's addresses of one family. */
export function addressesOf({ addresses }: Party, family: Family): readonly string[] {
  if (addresses === 'any') return [];
  return addresses.filter((address) => isIPv6(address.split('/')[0] ?? '') === (family === 6));
}

/** Whether packets of this family can have this end: an end that is to be filled in can have both. */
export function speaks(party: Party, family: Family): boolean {
  if (party.addresses === 'any') return true;
  return addressesOf(party, family).length > 0 || (party.open && party.addresses.length === 0);
}

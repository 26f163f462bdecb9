/** The network interfaces of this machine and their addresses, as `ip -j address show` tells them (ip-address(8)). */
import * as z from 'zod';
import { PoolgateError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import { canonicalAddress } from '../model/address.ts';

export interface InterfaceAddress {
  /** Canonical. */
  readonly address: string;
  /** Prefix length in bits. */
  readonly prefix: number;
  /** The kernel found another machine with it (IPv6): nothing can be bound to it. */
  readonly duplicate: boolean;
}

export interface Interface {
  readonly index: number;
  readonly name: string;
  readonly otherNames: readonly string[];
  /** `02:00:5e:00:53:01`; null where a link has no such address. */
  readonly mac: string | null;
  /** Neighbours are found by ARP and neighbour discovery: an Ethernet, and not one without ARP. */
  readonly hasNeighbours: boolean;
  /** By the administrator, whether there is a cable or not. */
  readonly switchedOn: boolean;
  /** The bridge or bond that it is a part of. */
  readonly master: string | null;
  /** Switched on, and the cable (or what stands for it) is in. */
  readonly up: boolean;
  readonly addresses: readonly InterfaceAddress[];
}

const MAC = /^[\da-f]{2}(:[\da-f]{2}){5}$/;

const addressEntry = z.object({
  local: z.string().optional(),
  prefixlen: z.number().optional(),
  dadfailed: z.boolean().optional(),
});
const linkEntry = z.object({
  ifindex: z.number().optional(),
  ifname: z.string().optional(),
  altnames: z.array(z.string()).default([]),
  flags: z.array(z.string()).default([]),
  link_type: z.string().optional(),
  address: z.string().optional(),
  master: z.string().optional(),
  addr_info: z.array(addressEntry).default([]),
});
const listing = z.array(linkEntry);

/** @throws Error (of JSON or zod) when this is not what `ip` prints */
export function parseInterfaces(json: string): Interface[] {
  return listing.parse(JSON.parse(json)).flatMap((link): Interface[] => {
    // Some versions of iproute2 print `{}` for what a filter left out.
    if (link.ifindex === undefined || link.ifname === undefined) return [];
    const isEthernet = link.link_type === 'ether' && link.address !== undefined && MAC.test(link.address);
    return [
      {
        index: link.ifindex,
        name: link.ifname,
        otherNames: link.altnames,
        mac: isEthernet ? (link.address ?? null) : null,
        hasNeighbours: isEthernet && !link.flags.includes('NOARP'),
        switchedOn: link.flags.includes('UP'),
        master: link.master ?? null,
        up: link.flags.includes('UP') && link.flags.includes('LOWER_UP'),
        addresses: link.addr_info.flatMap(addressOf),
      },
    ];
  });
}

function addressOf({ local, prefixlen, dadfailed }: z.infer<typeof addressEntry>): InterfaceAddress[] {
  if (local === undefined || prefixlen === undefined) return [];
  return [{ address: canonicalAddress(local), prefix: prefixlen, duplicate: dadfailed === true }];
}

/** @throws PoolgateError INTERFACE_MISSING with the name that was probably meant */
export function findInterface(all: readonly Interface[], name: string): Interface {
  const found = all.find((i) => i.name === name || i.otherNames.includes(name));
  if (found) return found;
  const names = all.map((i) => i.name);
  const meant = nearest(name, names);
  const hint = meant === null ? `There are: ${names.join(', ')}.` : `Did you mean ${meant}?`;
  throw new PoolgateError('INTERFACE_MISSING', `This machine has no network interface "${name}".`, {
    hint: `${hint} Correct \`topology\` in the config.`,
  });
}

/** What the keeper of addresses needs of the machine's network; the real one, and what tests put in its place. */
import { networkInterfaces } from 'node:os';
import { canonicalAddress } from '../model/address.ts';
import type { Clock } from '../lib/clock.ts';
import { announceOnce } from './announce.ts';
import { type Findings, findDuplicates, type Link } from './duplicates.ts';
import type { Interface } from './interfaces.ts';
import { addAddress, readInterfaces, removeAddress } from './iproute.ts';
import { openPacketSocket } from './packet-socket.ts';

export interface MachineNetwork {
  /** @throws PoolgateError SYSTEM */
  interfaces(): Promise<readonly Interface[]>;
  /** Addresses on interfaces that are up and connected; costs no process, and so can be asked often. */
  present(): ReadonlySet<string>;
  /** @param prefix in bits. @throws PoolgateError ADDRESS_FORBIDDEN, SYSTEM */
  add(address: string, interfaceName: string, prefix: number): Promise<void>;
  /** @throws PoolgateError ADDRESS_FORBIDDEN, SYSTEM */
  remove(address: string, interfaceName: string, prefix: number): Promise<void>;
  /** @throws PoolgateError ADDRESS_FORBIDDEN, SYSTEM */
  findDuplicates(addresses: readonly string[], link: Link, ownMacs: ReadonlySet<string>): Promise<Findings>;
  /** Once; returns those that could not be announced now. @throws PoolgateError ADDRESS_FORBIDDEN, SYSTEM */
  announce(addresses: readonly string[], link: Link): string[];
}

export function machineNetwork(clock: Clock): MachineNetwork {
  return {
    interfaces: () => readInterfaces(),
    present: () =>
      new Set(
        Object.values(networkInterfaces()).flatMap((all = []) => all.map((a) => canonicalAddress(a.address))),
      ),
    add: (address, name, prefix) => addAddress(address, name, prefix),
    remove: (address, name, prefix) => removeAddress(address, name, prefix),
    findDuplicates: (addresses, link, ownMacs) =>
      findDuplicates(addresses, link, { clock, ownMacs, open: openPacketSocket }),
    announce: (addresses, link) => announceOnce(addresses, link, openPacketSocket),
  };
}

/** What must be true before an address is added. */
import { PoolgateError } from '../lib/errors.ts';
import type { EventDraft } from '../state/events.ts';
import type { Findings, Link } from './duplicates.ts';
import { fullPrefix, inNetwork } from './family.ts';
import type { Interface } from './interfaces.ts';
import type { MachineNetwork } from './network.ts';
import { type Placed, prefixOf } from './reconcile.ts';
import * as say from './say.ts';

/** Null where there are no neighbours to ask or to tell. */
export function linkOf(one: Interface): Link | null {
  return one.hasNeighbours && one.mac !== null ? { index: one.index, mac: one.mac } : null;
}

/** @throws PoolgateError ADDRESS_DUPLICATE for one that the kernel does not use */
export function refuseUnusable([first]: readonly Placed[]): void {
  if (!first) return;
  const { address, interfaceName } = first;
  const message = `${address} is on ${interfaceName}, but the kernel found another machine with it (dadfailed).`;
  const hint = `Take it from the other machine; then remove it here: \`ip -6 address del ${address} dev ${interfaceName}\`.`;
  throw new PoolgateError('ADDRESS_DUPLICATE', message, { hint });
}

/** Places by the interface that they are on, those that this machine has. */
export function byInterface<T extends { readonly interfaceIndex: number }>(
  places: readonly T[],
  interfaces: readonly Interface[],
): { readonly on: Interface; readonly places: readonly T[] }[] {
  return interfaces
    .map((on) => ({ on, places: places.filter((place) => place.interfaceIndex === on.index) }))
    .filter((group) => group.places.length > 0);
}

export interface CheckedLink {
  readonly on: Interface;
  readonly interfaces: readonly Interface[];
  readonly network: MachineNetwork;
}

/** Nobody is asked where there are no neighbours; on a link that is down nobody can be. */
export async function askForDuplicates(
  addresses: readonly string[],
  { on, interfaces, network }: CheckedLink,
): Promise<Findings> {
  const link = linkOf(on);
  if (addresses.length === 0 || link === null) return { owners: new Map(), unasked: [] };
  if (!on.up) return { owners: new Map(), unasked: addresses };
  return network.findDuplicates(addresses, link, new Set(interfaces.flatMap((i) => i.mac ?? [])));
}

/** Tells of what could not be asked, which stops nothing. @throws PoolgateError ADDRESS_DUPLICATE */
export async function refuseDuplicates(
  addresses: readonly string[],
  link: CheckedLink & { readonly tell: (draft: EventDraft) => void },
  actor: string,
): Promise<void> {
  const { on, tell } = link;
  const { owners, unasked } = await askForDuplicates(addresses, link);
  for (const [address, mac] of owners) tell(say.duplicate(address, mac, on.name, actor));
  if (owners.size > 0) throw say.duplicateError(owners, on.name);
  if (unasked.length > 0) tell(say.unchecked(unasked, on.name, actor));
}

/** Those that the interface has no network for: its neighbours do not ask for them, unless a router is told to. */
export function outsideOf(on: Interface, added: readonly Placed[]): string[] {
  const all = [...on.addresses, ...added.map((place) => ({ ...place, prefix: prefixOf(place) }))];
  const networks = all.filter(({ address, prefix }) => prefix < fullPrefix(address));
  return added
    .map((place) => place.address)
    .filter((a) => !networks.some(({ address, prefix }) => inNetwork(a, address, prefix)));
}

/** What must be true before an address is added. */
import { PoolgateError } from '../lib/errors.ts';
import type { EventDraft } from '../state/events.ts';
import type { Link } from './duplicates.ts';
import type { Interface } from './interfaces.ts';
import type { MachineNetwork } from './network.ts';
import type { Placed } from './reconcile.ts';
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

export interface CheckedLink {
  readonly on: Interface;
  readonly interfaces: readonly Interface[];
  readonly network: MachineNetwork;
  readonly tell: (draft: EventDraft) => void;
}

/** On a link that is down nobody can be asked: that is told, and stops nothing. @throws PoolgateError ADDRESS_DUPLICATE */
export async function refuseDuplicates(
  addresses: readonly string[],
  { on, interfaces, network, tell }: CheckedLink,
  actor: string,
): Promise<void> {
  const link = linkOf(on);
  if (addresses.length === 0 || link === null) return;
  const ownMacs = new Set(interfaces.flatMap((i) => i.mac ?? []));
  const { owners, unasked } = on.up
    ? await network.findDuplicates(addresses, link, ownMacs)
    : { owners: new Map<string, string>(), unasked: addresses };
  for (const [address, mac] of owners) tell(say.duplicate(address, mac, on.name, actor));
  if (owners.size > 0) throw say.duplicateError(owners, on.name);
  if (unasked.length > 0) tell(say.unchecked(unasked, on.name, actor));
}

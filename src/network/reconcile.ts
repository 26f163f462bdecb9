/** From the addresses that are wanted, there, and ours, to what is to be done. Pure. */
import { fullPrefix } from './family.ts';
import type { Interface } from './interfaces.ts';

/** An address that we added, and where. */
export interface Owned {
  readonly address: string;
  readonly interfaceIndex: number;
  /** In bits; absent: it stands alone (/32, /128). */
  readonly prefix?: number;
}

export interface Placed extends Owned {
  readonly interfaceName: string;
}

/** An address that is wanted. */
export interface Target {
  readonly address: string;
  /** In bits. */
  readonly prefix: number;
  /** Where it is to be; null: it is added nowhere. */
  readonly on: Interface | null;
}

export interface Situation {
  readonly wanted: readonly Target[];
  readonly interfaces: readonly Interface[];
  /** By our own records; only what is really there, with the prefix that we gave it, is taken for ours. */
  readonly ours: readonly Owned[];
}

export interface Steps {
  /** Nowhere on this machine: to be checked and added. */
  readonly add: readonly Placed[];
  /** Ours, there, and wanted: nothing to do. */
  readonly keep: readonly Placed[];
  /** Wanted and there, but by somebody else: used, and never removed. */
  readonly found: readonly Placed[];
  /** Wanted and there, but the kernel found another machine with it and does not use it. */
  readonly unusable: readonly Placed[];
  /** Ours, there, and no longer wanted. */
  readonly remove: readonly Placed[];
}

interface Present extends Placed {
  readonly ours: boolean;
  readonly duplicate: boolean;
}

export function reconcile({ wanted, interfaces, ours }: Situation): Steps {
  const present = interfaces.flatMap((i) => presentOn(i, ours));
  const targets = new Map(wanted.map((target) => [target.address, target]));
  const keep = present.filter((p) => p.ours && isRight(p, targets.get(p.address)));
  const others = present.filter((p) => !p.ours && targets.has(p.address));
  const here = new Set([...keep, ...others].map((p) => p.address));
  return {
    add: [...targets.values()].filter(({ address }) => !here.has(address)).flatMap(placeOf),
    keep: keep.map(placed),
    found: others.filter((p) => !p.duplicate).map(placed),
    unusable: others.filter((p) => p.duplicate).map(placed),
    remove: present.filter((p) => p.ours && !keep.includes(p)).map(placed),
  };
}

function isRight(present: Present, target: Target | undefined): boolean {
  if (!target) return false;
  if (target.on === null) return true;
  return present.interfaceIndex === target.on.index && prefixOf(present) === target.prefix;
}

/** In bits. */
export function prefixOf({ address, prefix }: Pick<Owned, 'address' | 'prefix'>): number {
  return prefix ?? fullPrefix(address);
}

function placeOf({ address, prefix, on }: Target): Placed[] {
  if (on === null) return [];
  return [placed({ address, prefix, interfaceIndex: on.index, interfaceName: on.name })];
}

function presentOn(one: Interface, ours: readonly Owned[]): Present[] {
  return one.addresses.map(({ address, prefix, duplicate }) => ({
    address,
    prefix,
    interfaceIndex: one.index,
    interfaceName: one.name,
    duplicate,
    ours: ours.some((o) => o.address === address && o.interfaceIndex === one.index && prefixOf(o) === prefix),
  }));
}

function placed({ address, prefix, interfaceIndex, interfaceName }: Placed): Placed {
  const alone = prefix === undefined || prefix === fullPrefix(address);
  return { address, interfaceIndex, interfaceName, ...(alone ? {} : { prefix }) };
}

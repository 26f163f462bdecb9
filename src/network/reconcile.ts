/** From the addresses that are wanted, there, and ours, to what is to be done. Pure. */
import { fullPrefix } from './family.ts';
import type { Interface } from './interfaces.ts';

/** An address that we added, and where. */
export interface Owned {
  readonly address: string;
  readonly interfaceIndex: number;
}

export interface Placed extends Owned {
  readonly interfaceName: string;
}

export interface Situation {
  readonly wanted: readonly string[];
  readonly interfaces: readonly Interface[];
  /** Where wanted addresses are to be; null: none is added. */
  readonly on: Interface | null;
  /** By our own records; only what is really there, and alone (/32, /128), is taken for ours. */
  readonly ours: readonly Owned[];
}

export interface Steps {
  /** Nowhere on this machine: to be checked and added. */
  readonly add: readonly string[];
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

export function reconcile({ wanted, interfaces, on, ours }: Situation): Steps {
  const present = interfaces.flatMap((i) => presentOn(i, ours));
  const needed = new Set(wanted);
  const rightPlace = (p: Present): boolean => on === null || p.interfaceIndex === on.index;
  const keep = present.filter((p) => p.ours && needed.has(p.address) && rightPlace(p));
  const others = present.filter((p) => !p.ours && needed.has(p.address));
  const here = new Set([...keep, ...others].map((p) => p.address));
  return {
    add: on === null ? [] : [...needed].filter((address) => !here.has(address)),
    keep: keep.map(placed),
    found: others.filter((p) => !p.duplicate).map(placed),
    unusable: others.filter((p) => p.duplicate).map(placed),
    remove: present.filter((p) => p.ours && !keep.includes(p)).map(placed),
  };
}

function presentOn(one: Interface, ours: readonly Owned[]): Present[] {
  return one.addresses.map(({ address, prefix, duplicate }) => ({
    address,
    interfaceIndex: one.index,
    interfaceName: one.name,
    duplicate,
    ours:
      prefix === fullPrefix(address) &&
      ours.some((o) => o.address === address && o.interfaceIndex === one.index),
  }));
}

function placed({ address, interfaceIndex, interfaceName }: Placed): Placed {
  return { address, interfaceIndex, interfaceName };
}

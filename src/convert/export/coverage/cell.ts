/** What becomes of a key of the config in each format. */
export interface Cell {
  readonly how: 'same' | 'changed' | 'lost';
  /** A clause; of `same`: by what it is expressed. */
  readonly text: string;
  /** Another row says it already: an export has no remark of its own on this one. */
  readonly saidElsewhere?: true;
  /** Nothing that works depends on it, so that it is a note whoever wrote it. */
  readonly harmless?: true;
}

export interface Row {
  /** As in the reference of the config; with a case of it behind where one key has several. */
  readonly key: string;
  readonly haproxy: Cell;
  readonly keepalived: Cell;
  readonly nftables: Cell;
}

export function same(text: string): Cell {
  return { how: 'same', text };
}

export function changed(text: string): Cell {
  return { how: 'changed', text };
}

export function lost(text: string): Cell {
  return { how: 'lost', text };
}

export function saidElsewhere(cell: Cell): Cell {
  return { ...cell, saidElsewhere: true };
}

export function harmless(cell: Cell): Cell {
  return { ...cell, harmless: true };
}

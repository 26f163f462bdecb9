import { type AddressTable, NO_ENTRY } from './address-table.ts';

/**
 * What connections, or flows, hold of the tables of their service (guard.ts), indexed as they are. Of services without a
 * guard they hold nothing, and `held` says so.
 */
export class Holds {
  /** 1 while the guard counts it; then it has to be told of the end. */
  readonly held: Uint8Array;
  /** Entries of persistence and of sources, or NO_ENTRY. */
  readonly client: Int32Array;
  readonly source: Int32Array;

  constructor(capacity: number) {
    this.held = new Uint8Array(capacity);
    this.client = new Int32Array(capacity);
    this.source = new Int32Array(capacity);
  }

  /** Holds this entry; once only, for a client has one entry and a connection may be given several servers in turn. */
  holdClient(table: AddressTable, slot: number, entry: number): void {
    if (this.client[slot] !== NO_ENTRY || entry === NO_ENTRY) return;
    table.hold(entry);
    this.client[slot] = entry;
  }

  releaseClient(table: AddressTable | undefined, slot: number, now: number): void {
    const entry = this.client[slot] as number;
    if (entry !== NO_ENTRY) table?.release(entry, now);
    this.client[slot] = NO_ENTRY;
  }
}

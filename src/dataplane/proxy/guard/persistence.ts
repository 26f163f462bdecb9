import type { AddressWords } from '../../../scheduler/identity.ts';
import { AddressTable, NO_ENTRY } from './address-table.ts';

export interface PersistenceNumbers {
  /** Made by createAddressTable for this many entries. */
  readonly buffer: SharedArrayBuffer;
  readonly maxEntries: number;
  /** How long an entry lives after its client's last connection. */
  readonly timeoutMs: number;
}

/** More than the one that a call can add, so that what has expired does not pile up. */
const EXPIRED_AT_ONCE = 4;

/**
 * Which server each client of a virtual service came to. An entry is held by the client's open connections, and lives
 * for the timeout after the last of them; a full table gives up the entry that nobody has used for longest. The
 * caller holds the service's lock.
 */
export class Persistence {
  readonly table: AddressTable;
  private readonly timeoutMs: number;

  constructor({ buffer, maxEntries, timeoutMs }: PersistenceNumbers) {
    this.table = new AddressTable(buffer, maxEntries);
    this.timeoutMs = timeoutMs;
  }

  /** The client's entry, or NO_ENTRY. */
  find(client: AddressWords, now: number): number {
    const { table } = this;
    table.expire(now - this.timeoutMs, EXPIRED_AT_ONCE);
    const entry = table.find(client);
    if (entry !== NO_ENTRY && table.isStale(entry, now - this.timeoutMs)) table.value[entry] = NOBODY_KNOWN;
    return entry;
  }

  /** The server that an entry names, by {@link serverTag}. */
  serverOf(entry: number): number {
    return entry === NO_ENTRY ? NOBODY_KNOWN : (this.table.value[entry] as number);
  }

  /** Has the client's entry name this server. @returns the entry, or NO_ENTRY when there is no room for it */
  remember(entry: number, client: AddressWords, tag: number, now: number): number {
    const kept = entry === NO_ENTRY ? this.table.insert(client, now) : entry;
    if (kept !== NO_ENTRY) this.table.value[kept] = tag;
    return kept;
  }
}

/** In place of a tag: the client has no server. */
export const NOBODY_KNOWN = 0;

/** Above every server id. */
const TAG_UNIT = 65_536;

/** A server id together with its generation, so that a later server of the same id is another one; never 0. */
export function serverTag(id: number, generation: number): number {
  return (generation + 1) * TAG_UNIT + id;
}

export function taggedServer(tag: number): number {
  return tag % TAG_UNIT;
}

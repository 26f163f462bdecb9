import type { AddressWords } from '../../../scheduler/identity.ts';
import { AddressTable, NO_ENTRY } from './address-table.ts';
import { AT_SOURCE_LIMIT, AT_SOURCE_RATE } from '../refusals.ts';

export interface SourceNumbers {
  /** Made by createAddressTable for SOURCES entries. */
  readonly buffer: SharedArrayBuffer;
  /** Connections that one source may hold; 0: no limit. */
  readonly connections: number;
  /** New connections of one source in a second; 0: no limit. */
  readonly perSecond: number;
}

/** Sources that are counted at once. Those without a connection are forgotten after a second. */
export const SOURCES = 131_072;

const SECOND = 1000;
const EXPIRED_AT_ONCE = 4;
/** Sums of fractions of a second are not exact. */
const ROUNDING = 0.001;
/** The third word of an IPv4 address that is mapped into IPv6, as it lies in memory (little endian). */
const MAPPED = -65_536;

/**
 * What each source of a virtual service takes. A source is an IPv4 address or an IPv6 network of 64 bits: whoever has one
 * address of such a network has all of them (RFC 4291 section 2.5.4), and could otherwise fill any table.
 *
 * New connections are limited by a token bucket for each source, which holds one second's tokens and is full at first:
 * no burst is greater than the limit, and over a longer time the pace is not. It is kept as the time at which the bucket
 * will be full again (the generic cell rate algorithm, ITU-T I.371). Refused connections take no token.
 *
 * The caller holds the service's lock.
 */
export class SourceLimits {
  readonly table: AddressTable;
  /** The entry of the source that was admitted last. */
  entry = NO_ENTRY;
  private readonly numbers: SourceNumbers;
  private readonly source = new Int32Array(4);

  constructor(numbers: SourceNumbers) {
    this.table = new AddressTable(numbers.buffer, SOURCES);
    this.numbers = numbers;
  }

  /** Looks whether this client may have one more connection. @returns 0, or a refusal */
  refusal(client: AddressWords, now: number): number {
    const { table } = this;
    const { connections, perSecond } = this.numbers;
    this.entry = this.entryOf(client, now);
    if (this.entry === NO_ENTRY) return AT_SOURCE_LIMIT;
    if (connections > 0 && table.holdersOf(this.entry) >= connections) return AT_SOURCE_LIMIT;
    if (perSecond === 0) return 0;
    const fullAt = Math.max(table.value[this.entry] as number, now);
    const filledAfter = fullAt + SECOND / perSecond;
    if (filledAfter > now + SECOND + ROUNDING) return AT_SOURCE_RATE;
    table.value[this.entry] = filledAfter;
    return 0;
  }

  /** The entry of a source, made if there is room; NO_ENTRY when all others hold connections. */
  entryOf(client: AddressWords, now: number): number {
    const { table, source } = this;
    source.set(client);
    const mapped = source[0] === 0 && source[1] === 0 && source[2] === MAPPED;
    if (!mapped) source.fill(0, 2);
    table.expire(now - SECOND, EXPIRED_AT_ONCE);
    const known = table.find(source);
    return known === NO_ENTRY ? table.insert(source, now) : known;
  }
}

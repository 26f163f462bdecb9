/** Source ports in use, from conntrack's entries: each takes one port of its source for one port of one server. Pure. */
import type { Protocol } from '../../../model/effective.ts';
import type { PortRange } from '../nat/translation.ts';
import { CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, NFGENMSG, parseTuple } from './entry.ts';
import { RawTuple } from './raw-tuple.ts';

export interface PortUse {
  readonly source: string;
  readonly protocol: Protocol;
  readonly server: string;
  readonly serverPort: number;
  readonly used: number;
}

const PORTS = 65_536;
const KEY_SIZE = 3 + 2 * 16;
/** From this share on it is time to say that ports run out. */
export const NEARLY_FULL = 0.8;

/** Where the bytes are that say from which source to which server a connection leads. */
export interface Place {
  readonly bytes: Uint8Array;
  /** IANA's number. */
  readonly protocol: number;
  /** Of an address: 4 or 16. */
  readonly size: number;
  readonly serverAt: number;
  /** The server's. */
  readonly port: number;
  readonly sourceAt: number;
}

interface Row {
  /** Protocol, the server's port, and both addresses, as the kernel has them. */
  readonly key: Uint8Array;
  readonly use: Omit<PortUse, 'used'>;
  /** A bit for each port. */
  readonly ports: Uint32Array;
  used: number;
}

/** Takes 8 KB for each port of a server that a source leads to, however many connections there are. */
export class PortUses {
  /** By a hash of the key. */
  private readonly rows = new Map<number, Row[]>();
  private readonly original = new RawTuple();
  private readonly reply = new RawTuple();
  private readonly key = new Uint8Array(KEY_SIZE);

  /**
   * What rests in TIME_WAIT counts: its port is not free yet. An entry that comes twice is counted once.
   * @param payload as conntrack tells of a connection; what is not well formed is left out
   */
  add(payload: Uint8Array): void {
    const { original, reply } = this;
    if (!original.read(payload, CTA_TUPLE_ORIG, NFGENMSG)) return;
    if (!reply.read(payload, CTA_TUPLE_REPLY, NFGENMSG)) return;
    // Half-NAT: the client's own port is nobody's to run out of.
    if (isSame(payload, reply.toAt, original.fromAt, reply.addressSize)) return;
    const { protocol, addressSize, fromAt, fromPort, toAt, toPort } = reply;
    this.makeKey({
      bytes: payload,
      protocol,
      size: addressSize,
      serverAt: fromAt,
      port: fromPort,
      sourceAt: toAt,
    });
    this.take(toPort, () => {
      const told = parseTuple(payload, CTA_TUPLE_REPLY);
      return (
        told && { source: told.to, protocol: told.protocol, server: told.from, serverPort: told.fromPort }
      );
    });
  }

  /** A connection that the programs translate. @param use whom it leads where, asked once for each such pair */
  addWay(at: Place, sourcePort: number, use: () => Omit<PortUse, 'used'>): void {
    this.makeKey(at);
    this.take(sourcePort, use);
  }

  private take(port: number, use: () => Omit<PortUse, 'used'> | null): void {
    const row = this.rowOf(use);
    if (!row) return;
    const word = port >> 5;
    const bit = 1 << (port & 31);
    if ((row.ports[word]! & bit) !== 0) return;
    row.ports[word]! |= bit;
    row.used += 1;
  }

  private rowOf(use: () => Omit<PortUse, 'used'> | null): Row | null {
    const hash = this.hashOfKey();
    let rows = this.rows.get(hash);
    if (!rows) this.rows.set(hash, (rows = []));
    for (const row of rows) if (this.key.every((byte, i) => byte === row.key[i])) return row;
    const made = use();
    if (!made) return null;
    const row = { key: this.key.slice(), use: made, ports: new Uint32Array(PORTS / 32), used: 0 };
    rows.push(row);
    return row;
  }

  private makeKey({ bytes, protocol, size, serverAt, port, sourceAt }: Place): void {
    const { key } = this;
    key.fill(0);
    key[0] = protocol;
    key[1] = port >> 8;
    key[2] = port & 0xff;
    for (let i = 0; i < size; i++) {
      key[3 + i] = bytes[serverAt + i]!;
      key[19 + i] = bytes[sourceAt + i]!;
    }
  }

  /** FNV-1a. */
  private hashOfKey(): number {
    const { key } = this;
    let hash = 0x811c9dc5;
    for (let i = 0; i < KEY_SIZE; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193);
    return hash;
  }

  /** The fullest first. */
  list(): PortUse[] {
    const all = [...this.rows.values()].flat().filter(({ used }) => used > 0);
    return all.map(({ use, used }) => ({ ...use, used })).sort((a, b) => b.used - a.used);
  }

  /** For another look, in the same memory; what the last one did not find goes. */
  clear(): void {
    for (const [hash, rows] of this.rows) {
      const found = rows.filter(({ used }) => used > 0);
      if (found.length === 0) this.rows.delete(hash);
      else this.rows.set(hash, found);
      for (const row of found) {
        row.ports.fill(0);
        row.used = 0;
      }
    }
  }
}

function isSame(bytes: Uint8Array, one: number, other: number, size: number): boolean {
  for (let i = 0; i < size; i++) if (bytes[one + i] !== bytes[other + i]) return false;
  return true;
}

export function portsFree(use: PortUse, { first, last }: PortRange): { free: number; nearlyFull: boolean } {
  const ports = last - first + 1;
  return { free: Math.max(0, ports - use.used), nearlyFull: use.used >= NEARLY_FULL * ports };
}

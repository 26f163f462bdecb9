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
    const row = this.rowOf(payload);
    if (!row) return;
    const word = reply.toPort >> 5;
    const bit = 1 << (reply.toPort & 31);
    if ((row.ports[word]! & bit) !== 0) return;
    row.ports[word]! |= bit;
    row.used += 1;
  }

  private rowOf(payload: Uint8Array): Row | null {
    const hash = this.makeKey(payload);
    let rows = this.rows.get(hash);
    if (!rows) this.rows.set(hash, (rows = []));
    for (const row of rows) if (this.key.every((byte, i) => byte === row.key[i])) return row;
    const reply = parseTuple(payload, CTA_TUPLE_REPLY);
    if (!reply) return null;
    const { protocol, to: source, from: server, fromPort: serverPort } = reply;
    const row = {
      key: this.key.slice(),
      use: { source, protocol, server, serverPort },
      ports: new Uint32Array(PORTS / 32),
      used: 0,
    };
    rows.push(row);
    return row;
  }

  /** @returns its hash (FNV-1a) */
  private makeKey(payload: Uint8Array): number {
    const { key, reply } = this;
    key.fill(0);
    key[0] = reply.protocol;
    key[1] = reply.fromPort >> 8;
    key[2] = reply.fromPort & 0xff;
    for (let i = 0; i < reply.addressSize; i++) {
      key[3 + i] = payload[reply.fromAt + i]!;
      key[19 + i] = payload[reply.toAt + i]!;
    }
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

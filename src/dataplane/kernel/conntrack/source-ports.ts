/** Source ports in use, from conntrack's entries: each takes one port of its source for one port of one server. Pure. */
import type { Protocol } from '../../../model/effective.ts';
import type { PortRange } from '../nat/translation.ts';
import type { Entry, Tuple } from './entry.ts';

export interface PortUse {
  readonly source: string;
  readonly protocol: Protocol;
  readonly server: string;
  readonly serverPort: number;
  readonly used: number;
}

const PORTS = 65_536;
/** From this share on it is time to say that ports run out. */
export const NEARLY_FULL = 0.8;

interface Row {
  readonly use: Omit<PortUse, 'used'>;
  /** A bit for each port. */
  readonly ports: Uint32Array;
  used: number;
}

/** Takes 8 KB for each port of a server that a source leads to, however many connections there are. */
export class PortUses {
  private readonly rows = new Map<string, Row>();

  /** What rests in TIME_WAIT counts: its port is not free yet. An entry that comes twice is counted once. */
  add({ original, reply }: Pick<Entry, 'original' | 'reply'>): void {
    // Half-NAT: the client's own port is nobody's to run out of.
    if (reply.to === original.from) return;
    const row = this.rowOf(reply);
    const word = reply.toPort >> 5;
    const bit = 1 << (reply.toPort & 31);
    if (((row.ports[word] ?? 0) & bit) !== 0) return;
    row.ports[word]! |= bit;
    row.used += 1;
  }

  private rowOf({ protocol, to: source, from: server, fromPort: serverPort }: Tuple): Row {
    const key = `${protocol} ${source} ${server} ${serverPort}`;
    let row = this.rows.get(key);
    if (!row) {
      row = { use: { source, protocol, server, serverPort }, ports: new Uint32Array(PORTS / 32), used: 0 };
      this.rows.set(key, row);
    }
    return row;
  }

  /** The fullest first. */
  list(): PortUse[] {
    const all = [...this.rows.values()].filter(({ used }) => used > 0);
    return all.map(({ use, used }) => ({ ...use, used })).sort((a, b) => b.used - a.used);
  }

  /** For another look, in the same memory. */
  clear(): void {
    for (const [key, row] of this.rows) {
      if (row.used === 0) this.rows.delete(key);
      row.ports.fill(0);
      row.used = 0;
    }
  }
}

export function portsFree(use: PortUse, { first, last }: PortRange): { free: number; nearlyFull: boolean } {
  const ports = last - first + 1;
  return { free: Math.max(0, ports - use.used), nearlyFull: use.used >= NEARLY_FULL * ports };
}

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

/** From this share on it is time to say that ports run out. */
export const NEARLY_FULL = 0.8;

export class PortUses {
  private readonly counts = new Map<string, { use: Omit<PortUse, 'used'>; ids: Set<number>; ways: number }>();

  /** What rests in TIME_WAIT counts: its port is not free yet. An entry that comes twice is counted once. */
  add({ id, original, reply }: Entry): void {
    // Half-NAT: the client's own port is nobody's to run out of.
    if (reply.to !== original.from) this.row(reply).ids.add(id);
  }

  /** A connection that the programs translate, by what its server sends; each comes once. */
  addWay(reply: Tuple): void {
    this.row(reply).ways += 1;
  }

  private row(reply: Tuple): { ids: Set<number>; ways: number } {
    const key = `${reply.protocol} ${reply.to} ${reply.from} ${reply.fromPort}`;
    let row = this.counts.get(key);
    if (!row) {
      const { protocol, to: source, from: server, fromPort: serverPort } = reply;
      row = { use: { source, protocol, server, serverPort }, ids: new Set(), ways: 0 };
      this.counts.set(key, row);
    }
    return row;
  }

  /** The fullest first. */
  list(): PortUse[] {
    const all = [...this.counts.values()].map(({ use, ids, ways }) => ({ ...use, used: ids.size + ways }));
    return all.sort((a, b) => b.used - a.used);
  }
}

export function portsFree(use: PortUse, { first, last }: PortRange): { free: number; nearlyFull: boolean } {
  const ports = last - first + 1;
  return { free: Math.max(0, ports - use.used), nearlyFull: use.used >= NEARLY_FULL * ports };
}

/** Source ports that connections hold, by the names of the servers that they lead to. */
import type { Clock } from '../../lib/clock.ts';
import type { DesiredState, SourceUse } from '../dataplane.ts';
import { FALLBACK_NAME } from '../proxy/names.ts';
import type { BpfProgram } from './bpf/program.ts';
import { heldWays, replyOf } from './connections/table.ts';
import { Conntrack } from './conntrack/conntrack.ts';
import { PortUses } from './conntrack/source-ports.ts';

/** Looking takes about a second for 100,000 connections; so much longer a look is good for. */
const GOOD_FOR = 20;
const SHORT_MS = 50;

export type Look = (state: DesiredState) => Promise<SourceUse[]>;

export class SourceUses {
  private found: readonly SourceUse[] = [];
  private goodUntil = Number.NEGATIVE_INFINITY;
  private readonly clock: Clock;

  private readonly look: Look;

  constructor(clock: Clock, look: Look) {
    this.clock = clock;
    this.look = look;
  }

  /** As they are, or, where there are very many, as they were a short while ago. @throws PoolgateError SYSTEM */
  async of(state: DesiredState, look = this.look): Promise<SourceUse[]> {
    const start = this.clock.monotonic();
    if (start > this.goodUntil) {
      this.found = await look(state);
      const end = this.clock.monotonic();
      this.goodUntil = end + (end - start > SHORT_MS ? GOOD_FOR * (end - start) : 0);
    }
    return [...this.found];
  }
}

/** A server that stands in several pools is named by the first one: the ports are the same. */
export async function sourceUseOf(state: DesiredState, program: BpfProgram): Promise<SourceUse[]> {
  const conntrack = new Conntrack();
  const uses = new PortUses();
  try {
    await conntrack.dump((entry) => uses.add(entry));
  } finally {
    conntrack.close();
  }
  for (const way of heldWays(program)) uses.addWay(replyOf(way));
  const named = namesByAddress(state);
  return uses.list().flatMap(({ source, protocol, server, serverPort, used }) => {
    const name = named.get(server);
    return name ? [{ address: source, protocol, ...name, port: serverPort, used }] : [];
  });
}

function namesByAddress({ pools }: DesiredState): Map<string, { pool: string; realServer: string }> {
  const found = new Map<string, { pool: string; realServer: string }>();
  for (const { name: pool, servers, fallback } of pools) {
    for (const { name, address } of servers) {
      if (!found.has(address)) found.set(address, { pool, realServer: name });
    }
    if (fallback && !found.has(fallback.address)) {
      found.set(fallback.address, { pool, realServer: FALLBACK_NAME });
    }
  }
  return found;
}

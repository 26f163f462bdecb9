/** Source ports that connections hold, by the names of the servers that they lead to. */
import type { Clock } from '../../lib/clock.ts';
import type { DesiredState, SourceUse } from '../dataplane.ts';
import { FALLBACK_NAME } from '../proxy/names.ts';
import { dumpConntrack } from './conntrack/conntrack.ts';
import { type PortUse, PortUses } from './conntrack/source-ports.ts';

/** Looking takes some tenths of a second for 100,000 connections; so much longer a look is good for. */
const GOOD_FOR = 20;
const SHORT_MS = 50;

export class SourceUses {
  private found: readonly PortUse[] = [];
  private goodUntil = Number.NEGATIVE_INFINITY;
  private looking: Promise<void> | null = null;
  private readonly uses = new PortUses();
  private readonly clock: Clock;
  private readonly dump: typeof dumpConntrack;
  private readonly addWays: (to: PortUses) => void;

  /**
   * @param addWays adds the connections that the programs translate
   * @param dump visits those that conntrack translates
   */
  constructor(clock: Clock, addWays: (to: PortUses) => void, dump = dumpConntrack) {
    this.clock = clock;
    this.addWays = addWays;
    this.dump = dump;
  }

  /** As they are, or, where there are very many, as they were a short while ago. @throws PoolgateError SYSTEM */
  async of(state: DesiredState): Promise<SourceUse[]> {
    if (this.clock.monotonic() > this.goodUntil) {
      // Who asks while somebody looks is answered by that look.
      this.looking ??= this.look().finally(() => (this.looking = null));
      await this.looking;
    }
    return named(this.found, state);
  }

  private async look(): Promise<void> {
    const start = this.clock.monotonic();
    this.uses.clear();
    await this.dump((payload) => this.uses.add(payload));
    this.addWays(this.uses);
    this.found = this.uses.list();
    const end = this.clock.monotonic();
    this.goodUntil = end + (end - start > SHORT_MS ? GOOD_FOR * (end - start) : 0);
  }
}

/** A server that stands in several pools is named by the first one: the ports are the same. */
function named(uses: readonly PortUse[], state: DesiredState): SourceUse[] {
  const names = namesByAddress(state);
  return uses.flatMap(({ source, protocol, server, serverPort, used }) => {
    const name = names.get(server);
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

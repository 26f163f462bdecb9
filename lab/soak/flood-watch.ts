/** The flood's packets in stretches: one for each trouble, one for each calm after it, and no gap between them. */
import type { Network } from '../net/network.ts';
import { waitFor } from '../net/wait.ts';
import { between, countFlood, type FloodPackets, floodPackets } from './flood-packets.ts';

export interface StretchLabel {
  /** For messages. */
  readonly what: string;
  /** The server that failed in it or just before it; null: none. */
  readonly failed: string | null;
  /** Whether connections on that server may be lost in it. */
  readonly loses: boolean;
}

export interface Stretch extends StretchLabel {
  readonly packets: FloodPackets;
}

export class FloodWatch {
  readonly stretches: Stretch[] = [];
  private readonly network: Network;
  private last: FloodPackets;

  private constructor(network: Network, last: FloodPackets) {
    this.network = network;
    this.last = last;
  }

  static async on(network: Network): Promise<FloodWatch> {
    await countFlood(network);
    return new FloodWatch(network, await floodPackets(network));
  }

  /** What was seen since the last stretch ended is one stretch. */
  async endStretch(label: StretchLabel): Promise<void> {
    const now = await floodPackets(this.network);
    this.stretches.push({ ...label, packets: between(this.last, now) });
    this.last = now;
  }

  /** A calm: lasts until every server got so many more connections of the flood, or the flood is `over`. */
  async calm(connections: number, over: () => boolean): Promise<void> {
    const failed = this.stretches.at(-1)?.failed ?? null;
    const enough = (packets: FloodPackets): boolean =>
      Object.values(between(this.last, packets).servers).every((one) => one.syns >= connections);
    await waitFor(
      `every server to get ${connections} connections of the flood`,
      async () => over() || enough(await floodPackets(this.network)),
      { timeoutMs: 60_000, everyMs: 500 },
    );
    await this.endStretch({ what: `calm after ${failed ?? 'nobody failed'}`, failed, loses: false });
  }
}

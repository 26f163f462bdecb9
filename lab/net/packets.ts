/** What crossed a machine's interface, counted by nftables before anything else looks at it, and black holes. */
import type { Host } from './host.ts';

const SETS = ['syn_to', 'synack_from', 'rst_from', 'rst_to'] as const;
type CounterSet = (typeof SETS)[number];

const TABLE = `table inet lab_count {
${SETS.map((set) => `  set ${set} { type inet_service; flags dynamic; size 65535; }`).join('\n')}
  chain seen {
    type filter hook prerouting priority -300;
    iifname "lo" accept
    tcp flags & (syn | ack | rst) == syn update @syn_to { tcp dport counter }
    tcp flags & (syn | ack | rst) == syn | ack update @synack_from { tcp sport counter }
    tcp flags & rst == rst update @rst_from { tcp sport counter }
    tcp flags & rst == rst update @rst_to { tcp dport counter }
  }
}
`;

/** Counters of packets that arrive at a machine. */
export class PacketCounter {
  private readonly host: Host;

  private constructor(host: Host) {
    this.host = host;
  }

  static async on(host: Host): Promise<PacketCounter> {
    await host.must('nft', ['-f', '-'], { input: TABLE });
    return new PacketCounter(host);
  }

  /** SYNs that arrived, by the port they wanted. */
  syns(): Promise<Map<number, number>> {
    return this.read('syn_to');
  }

  /** SYN-ACKs that arrived, by the port that sent them. */
  synAcksFrom(): Promise<Map<number, number>> {
    return this.read('synack_from');
  }

  /** Resets that arrived, by the port that sent them. */
  resetsFrom(): Promise<Map<number, number>> {
    return this.read('rst_from');
  }

  /** Resets that arrived, by the port they were sent to. */
  resetsTo(): Promise<Map<number, number>> {
    return this.read('rst_to');
  }

  private async read(set: CounterSet): Promise<Map<number, number>> {
    const text = await this.host.must('nft', ['-j', 'list', 'set', 'inet', 'lab_count', set]);
    const list = JSON.parse(text) as { nftables: { set?: { elem?: Element[] } }[] };
    const elements = list.nftables.flatMap((entry) => entry.set?.elem ?? []);
    return new Map(elements.map(({ elem }) => [elem.val, elem.counter.packets]));
  }
}

interface Element {
  readonly elem: { readonly val: number; readonly counter: { readonly packets: number } };
}

function drop(hook: 'input' | 'output'): string {
  return `chain ${hook} { type filter hook ${hook} priority 0; meta l4proto tcp drop; };`;
}

/** Every TCP segment from and to this machine vanishes from now on; nothing answers, nothing is refused. */
export async function blackHole(host: Host): Promise<void> {
  await host.must('nft', ['-f', '-'], {
    input: `table inet lab_hole { ${drop('input')} ${drop('output')} }\n`,
  });
}

/** Ends the black hole, and deafness. */
export async function fillHole(host: Host): Promise<void> {
  await host.must('nft', ['delete', 'table', 'inet', 'lab_hole']);
}

/** The machine hears no TCP segment any more, and others hear it: what they say is lost on its last step. */
export async function stopHearing(host: Host): Promise<void> {
  await host.must('nft', ['-f', '-'], { input: `table inet lab_hole { ${drop('input')} }\n` });
}

/** The machine no longer hears answers to its SYNs, so that none of its handshakes is ever completed. */
export async function ignoreSynAcks(host: Host): Promise<void> {
  const rule = 'tcp flags & (syn | ack) == syn | ack drop';
  const chain = `chain input { type filter hook input priority 0; ${rule}; };`;
  await host.must('nft', ['-f', '-'], { input: `table inet lab_deaf { ${chain} }\n` });
}

export async function hearSynAcks(host: Host): Promise<void> {
  await host.must('nft', ['delete', 'table', 'inet', 'lab_deaf']);
}

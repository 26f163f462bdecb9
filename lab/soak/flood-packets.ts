/** What the flood looks like on the wire: SYNs and resets at the client and at each server, counted by nftables. */
import type { Host } from '../net/host.ts';
import type { Network } from '../net/network.ts';
import { FLOOD_PORT } from './flood.ts';

/** Packets of the flood at one machine, since counting began or between two looks. */
export interface Packets {
  /** SYNs towards the port. */
  readonly syns: number;
  /** SYN-ACKs from the port. */
  readonly synAcks: number;
  /** Resets towards the port that broke a connection off. */
  readonly resetsTo: number;
  /** Resets from the port that broke a connection off or refused one. */
  readonly resetsFrom: number;
  /** Resets either way that answer a segment of a connection that its receiver has forgotten. */
  readonly strays: number;
}

export interface FloodPackets {
  readonly client: Packets;
  readonly servers: Readonly<Record<string, Packets>>;
}

/**
 * A reset by which a program, or the kernel for it, breaks off a connection carries ACK, and so does the answer to a
 * SYN that is refused. One that answers a segment without a connection does not (RFC 9293, 3.10.7.1): a FIN sent twice
 * because its acknowledgement was late gets such a reset, and nobody is left to lose anything by it.
 */
const TO = `tcp dport ${FLOOD_PORT} tcp flags`;
const FROM = `tcp sport ${FLOOD_PORT} tcp flags`;
const RULES = `
    ${TO} & (syn | ack | rst) == syn counter name syns
    ${FROM} & (syn | ack | rst) == syn | ack counter name synAcks
    ${TO} & (rst | ack) == rst | ack counter name resetsTo
    ${FROM} & (rst | ack) == rst | ack counter name resetsFrom
    ${TO} & (rst | ack) == rst counter name strays
    ${FROM} & (rst | ack) == rst counter name strays`;

/** Before everything else, so that what a black hole swallows is counted too. */
const TABLE = `table inet lab_flood {
  counter syns { }
  counter synAcks { }
  counter resetsTo { }
  counter resetsFrom { }
  counter strays { }
  chain arriving { type filter hook prerouting priority -300; ${RULES}
  }
  chain leaving { type filter hook output priority -300; ${RULES}
  }
}
`;

/** Starts counting at the client and at every server. */
export async function countFlood(network: Network): Promise<void> {
  for (const host of [network.client, ...network.servers])
    await host.must('nft', ['-f', '-'], { input: TABLE });
}

/** What was counted so far. */
export async function floodPackets(network: Network): Promise<FloodPackets> {
  const servers = network.servers.map(async (host) => [host.role, await read(host)] as const);
  return { client: await read(network.client), servers: Object.fromEntries(await Promise.all(servers)) };
}

async function read(host: Host): Promise<Packets> {
  const text = await host.must('nft', ['-j', 'list', 'counters', 'table', 'inet', 'lab_flood']);
  const list = JSON.parse(text) as { nftables: { counter?: { name: keyof Packets; packets: number } }[] };
  const counts = { syns: 0, synAcks: 0, resetsTo: 0, resetsFrom: 0, strays: 0 };
  for (const { counter } of list.nftables) if (counter) counts[counter.name] = counter.packets;
  return counts;
}

/** What was counted between two looks. */
export function between(before: FloodPackets, after: FloodPackets): FloodPackets {
  const servers = Object.entries(after.servers).map(([name, packets]) => {
    const earlier = before.servers[name];
    return [name, earlier ? minus(packets, earlier) : packets] as const;
  });
  return { client: minus(after.client, before.client), servers: Object.fromEntries(servers) };
}

function minus(a: Packets, b: Packets): Packets {
  return {
    syns: a.syns - b.syns,
    synAcks: a.synAcks - b.synAcks,
    resetsTo: a.resetsTo - b.resetsTo,
    resetsFrom: a.resetsFrom - b.resetsFrom,
    strays: a.strays - b.strays,
  };
}

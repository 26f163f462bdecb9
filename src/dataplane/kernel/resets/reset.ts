/** Ends a translated connection so that both ends learn of it. */
import type { Conntrack } from '../conntrack/conntrack.ts';
import type { Tuple } from '../conntrack/entry.ts';
import { questionPacket, type Reset, resetPacket } from './packet.ts';
import type { RawSockets } from './raw-sockets.ts';

/** Translation changes addresses and ports and leaves sequence numbers alone, so two of them serve both ends. */
export interface Ending {
  /** As the client sees it: from itself to the VIP. */
  readonly original: Tuple;
  /** As the server sees it: from itself to the source (half-NAT: to the client). */
  readonly reply: Tuple;
  /** The sequence number that the client expects next from the VIP: one past the last byte that went there. */
  readonly clientExpects: number;
  /** The same of the server. */
  readonly serverExpects: number;
}

/** Of conntrack's entry; null: whichever has these addresses. */
export type Tracked = Ending & { readonly id: number | null };

export interface Told {
  /** Whether a reset went out to it; false: there is no route to it, or no room in a queue. */
  readonly toldClient: boolean;
  readonly toldServer: boolean;
}

export interface Ended extends Told {
  /** Conntrack knew the connection. */
  readonly forgotten: boolean;
}

/** What tells each end, as if it came from the other one that it knows. */
export function resetsFor({ original, reply, clientExpects, serverExpects }: Ending): {
  client: Reset;
  server: Reset;
} {
  return {
    client: {
      from: original.to,
      fromPort: original.toPort,
      to: original.from,
      toPort: original.fromPort,
      sequence: clientExpects,
      acknowledgement: serverExpects,
    },
    server: {
      from: reply.to,
      fromPort: reply.toPort,
      to: reply.from,
      toPort: reply.fromPort,
      sequence: serverExpects,
      acknowledgement: clientExpects,
    },
  };
}

/**
 * Has conntrack forget the connection, and resets both ends. A UDP flow ends in silence.
 *
 * Numbers may have moved on since they were recorded. An end doubts a reset within its window and asks back (a challenge
 * ACK, RFC 5961), and passes over any other; so each is asked a question as well. Whatever they answer is translated by
 * nobody, for conntrack has forgotten first, and this machine, which has the VIP and the source and knows no such
 * connection, sends a reset that fits. (Half-NAT: the server's answer reaches the client, which knows no such connection
 * either, where forwarding allows it.)
 * @throws PoolgateError SYSTEM
 */
export function endConnection(ending: Tracked, sockets: RawSockets, conntrack: Conntrack): Ended {
  const { original, id } = ending;
  const forgotten = conntrack.delete(original, id);
  return { ...tellBothEnds(ending, sockets), forgotten };
}

/** The last half of {@link endConnection}, for a connection that nobody translates any more. */
export function tellBothEnds(ending: Ending, sockets: RawSockets): Told {
  if (ending.original.protocol === 'udp') return { toldClient: false, toldServer: false };
  const { client, server } = resetsFor(ending);
  const toldClient = sockets.send(resetPacket(client), client.to);
  const toldServer = sockets.send(resetPacket(server), server.to);
  for (const end of [client, server]) sockets.send(questionPacket(end), end.to);
  return { toldClient, toldServer };
}

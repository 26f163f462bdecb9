/** Ends connections so that their counts are given back once and both ends learn of it. */
import { Conntrack } from '../conntrack/conntrack.ts';
import type { Tuple } from '../conntrack/entry.ts';
import { decode, encode } from '../bpf/codec.ts';
import type { BpfProgram } from '../bpf/program.ts';
import { runProgram } from '../bpf/run.ts';
import { questionPacket, resetPacket } from '../resets/packet.ts';
import { RawSockets } from '../resets/raw-sockets.ts';
import { endConnection, tellBothEnds } from '../resets/reset.ts';
import { replyOf, type Row } from './table.ts';

export class Endings {
  private readonly program: BpfProgram;
  private readonly conntrack = new Conntrack();
  private readonly sockets: RawSockets;

  /** @throws PoolgateError SYSTEM */
  constructor(program: BpfProgram) {
    this.program = program;
    try {
      this.sockets = new RawSockets();
    } catch (error) {
      this.conntrack.close();
      throw error;
    }
  }

  /** Ends one connection. @returns false when it had ended meanwhile @throws PoolgateError SYSTEM */
  end(row: Row): boolean {
    if (!this.giveBack(row)) return false;
    this.tell(row);
    return true;
  }

  /** Tells both ends of a connection that the programs have ended. @throws PoolgateError SYSTEM */
  tell(row: Pick<Row, 'ends' | 'way' | 'clientNext' | 'serverNext'>): void {
    const original = tupleOf(row);
    const numbers = { clientExpects: row.serverNext, serverExpects: row.clientNext };
    const way = row.way();
    if (way) {
      tellBothEnds({ original, reply: replyOf(way), ...numbers }, this.sockets);
      return;
    }
    // Nobody is to be told of a flow: how it was translated does not matter.
    if (original.protocol === 'udp') {
      this.conntrack.delete(original);
      return;
    }
    const entry = this.conntrack.get(original);
    if (entry) {
      endConnection({ original, reply: entry.reply, id: entry.id, ...numbers }, this.sockets, this.conntrack);
      return;
    }
    // Conntrack has forgotten it, and with it where the server's end is; the client at least is told.
    const reset = {
      from: original.to,
      fromPort: original.toPort,
      to: original.from,
      toPort: original.fromPort,
      sequence: numbers.clientExpects,
      acknowledgement: numbers.serverExpects,
    };
    this.sockets.send(resetPacket(reset), reset.to);
    this.sockets.send(questionPacket(reset), reset.to);
  }

  /** Has conntrack forget a connection that is only half open, so that its SYN may go elsewhere. */
  forget(row: Row): void {
    if (row.way() === null) this.conntrack.delete(tupleOf(row));
  }

  /**
   * Ends a connection that is only half open, without a word: the next SYN of its client finds it anew.
   * @returns false when it had ended meanwhile
   */
  move(row: Row): boolean {
    if (!this.giveBack(row, true)) return false;
    this.forget(row);
    return true;
  }

  /** What its server sends, to the address and port that it takes for its client; null: nobody translates it. */
  translationOf(row: Pick<Row, 'ends' | 'way'>): Tuple | null {
    const way = row.way();
    return way ? replyOf(way) : (this.conntrack.get(tupleOf(row))?.reply ?? null);
  }

  close(): void {
    this.conntrack.close();
    this.sockets.close();
  }

  private giveBack(row: Row, moved = false): boolean {
    const layout = this.program.layout('finish');
    const asked = encode(layout, { opened_ns: row.openedNs, moved: moved ? 1n : 0n });
    asked.set(row.key);
    const { context } = runProgram(this.program.fd('finish'), asked);
    return (decode(layout, context) as { finished: bigint }).finished === 1n;
  }
}

function tupleOf(row: Pick<Row, 'ends'>): Tuple {
  const { protocol, client, clientPort, vip, vipPort } = row.ends();
  return { protocol, from: client, fromPort: clientPort, to: vip, toPort: vipPort };
}

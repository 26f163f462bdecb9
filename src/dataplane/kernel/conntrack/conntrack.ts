/** The kernel's table of connections: those that we translate, one by one or all. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ENOENT } from '../../proxy/libc.ts';
import { type Entry, parseEntry, type Tuple } from './entry.ts';
import { NLMSG_DONE } from './netlink.ts';
import { errorOf, failed, NetlinkSocket } from './netlink-socket.ts';
import { CT_NEW, deleteRequest, dumpRequest, getRequest } from './requests.ts';

/** Datagrams of a dump that are read before others have their turn; each has about a hundred entries. */
const DATAGRAMS_A_TURN = 16;
/** Datagrams in a row that hold no answer, after which there will be none. */
const MOST_IDLE_READS = 1000;

export class Conntrack {
  private readonly socket = new NetlinkSocket();

  /** The entry of a connection, by what its client sees; null: there is none. @throws PoolgateError SYSTEM */
  get(tuple: Tuple): Entry | null {
    const sequence = this.socket.send((number) => getRequest(number, tuple));
    return this.answer(sequence, 'ask for a connection');
  }

  /**
   * Forgets a connection: its packets are no longer translated.
   * @param id of its entry; null: whichever has these addresses and ports
   * @returns false when there was none
   * @throws PoolgateError SYSTEM
   */
  delete(tuple: Tuple, id: number | null = null): boolean {
    const sequence = this.socket.send((number) => deleteRequest(number, tuple, id));
    for (let i = 0; i < MOST_IDLE_READS; i += 1) {
      for (const message of this.socket.receive(sequence)) {
        const code = errorOf(message);
        if (code === 0) return true;
        if (code === ENOENT) return false;
        if (code !== null) throw failed('delete a connection', code);
      }
    }
    return false;
  }

  close(): void {
    this.socket.close();
  }

  private answer(sequence: number, what: string): Entry | null {
    for (let i = 0; i < MOST_IDLE_READS; i += 1) {
      for (const message of this.socket.receive(sequence)) {
        const code = errorOf(message);
        if (code === ENOENT) return null;
        if (code !== null && code !== 0) throw failed(what, code);
        if (message.type === CT_NEW) return parseEntry(message.payload);
      }
    }
    return null;
  }
}

/**
 * Visits every connection that we translate, closed ones that rest in TIME_WAIT included. What opens or ends meanwhile
 * may be left out or come twice. Others have their turn in between: 100,000 entries take some tenths of a second.
 * @param visit is given each as `parseEntry` takes it; it is good for that moment
 * @throws PoolgateError SYSTEM
 */
export async function dumpConntrack(visit: (payload: Uint8Array) => void): Promise<void> {
  // Held for many turns, in which others ask too.
  const socket = new NetlinkSocket();
  try {
    const sequence = socket.send(dumpRequest);
    for (let read = 1; ; read += 1) {
      for (const message of socket.receive(sequence)) {
        const code = errorOf(message);
        if (code !== null && code !== 0) throw failed('list connections', code);
        if (message.type === NLMSG_DONE) return;
        if (message.type === CT_NEW) visit(message.payload);
      }
      if (read % DATAGRAMS_A_TURN === 0) await nextTurn();
    }
  } finally {
    socket.close();
  }
}

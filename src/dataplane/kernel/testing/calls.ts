/**
 * For tests: runs one operation in the network namespace that it is started in, and prints what came of it as JSON. Its
 * arguments: the operation, and its argument as JSON.
 */
import { Conntrack, dumpConntrack } from '../conntrack/conntrack.ts';
import { type Entry, parseEntry, type Tuple } from '../conntrack/entry.ts';
import { enableAccounting, trackedConnections } from '../conntrack/limits.ts';
import { type PortUse, PortUses } from '../conntrack/source-ports.ts';
import { questionPacket, type Reset } from '../resets/packet.ts';
import { RawSockets } from '../resets/raw-sockets.ts';
import { type Ended, endConnection, type Tracked } from '../resets/reset.ts';

export const calls = {
  async dump(): Promise<Entry[]> {
    const all: Entry[] = [];
    await dumpConntrack((payload) => all.push(parseEntry(payload)!));
    return all;
  },

  async portUses(): Promise<PortUse[]> {
    const uses = new PortUses();
    await dumpConntrack((payload) => uses.add(payload));
    return uses.list();
  },

  /** The entry, then whether it could be deleted by a wrong id, by its own, and once more. */
  getAndDelete: (tuple: Tuple): Promise<[Entry | null, boolean, boolean, boolean, Entry | null]> =>
    using(async (conntrack) => {
      const entry = conntrack.get(tuple);
      const id = entry?.id ?? 0;
      const results = [id + 1, id, id].map((one) => conntrack.delete(tuple, one));
      return [entry, results[0] ?? false, results[1] ?? false, results[2] ?? false, conntrack.get(tuple)];
    }),

  async end(ending: Tracked): Promise<Ended> {
    const sockets = new RawSockets();
    try {
      return await using(async (conntrack) => endConnection(ending, sockets, conntrack));
    } finally {
      sockets.close();
    }
  },

  /** Sends an ACK with these numbers. */
  async question(reset: Reset): Promise<boolean> {
    const sockets = new RawSockets();
    try {
      return sockets.send(questionPacket(reset), reset.to);
    } finally {
      sockets.close();
    }
  },

  async account(): Promise<number> {
    enableAccounting();
    return trackedConnections().count;
  },
};

async function using<T>(work: (conntrack: Conntrack) => Promise<T>): Promise<T> {
  const conntrack = new Conntrack();
  try {
    return await work(conntrack);
  } finally {
    conntrack.close();
  }
}

const [operation = '', argument = 'null'] = process.argv.slice(2);
if (operation in calls) {
  const all = calls as Record<string, (argument: never) => Promise<unknown>>;
  process.stdout.write(JSON.stringify(await all[operation]?.(JSON.parse(argument) as never)));
}

/** All entries of a hash table of the programs, many with one call (BPF_MAP_LOOKUP_BATCH, since Linux 5.6). */
import type { Layout } from './btf.ts';
import { checked, ENOENT, ENOSPC, libbpf } from './libbpf.ts';

/** What one call read: so many keys, one after another, and their values. Good until the next one is asked for. */
export interface Batch {
  readonly count: number;
  readonly keys: DataView<ArrayBuffer>;
  readonly values: DataView<ArrayBuffer>;
}

/** Entries that one call reads: a bucket of the kernel's table has to fit, and others are not to wait long. */
const ENTRIES_A_BATCH = 4096;
const MOST_ENTRIES_A_BATCH = 1 << 20;

interface Room {
  readonly entries: number;
  readonly keys: Uint8Array<ArrayBuffer>;
  readonly values: Uint8Array<ArrayBuffer>;
}

export interface Table {
  readonly name: string;
  readonly fd: number;
  readonly key: Layout;
  readonly value: Layout;
}

export class Batches {
  private readonly table: Table;
  /** The room of a look that is over, so that looks every second make no garbage of a megabyte each. */
  private spare: Room | null = null;

  constructor(table: Table) {
    this.table = table;
  }

  /** Those that stay while it looks; others may be missing or there. @throws PoolgateError SYSTEM */
  *all(): Generator<Batch> {
    const place = new Uint8Array(Math.max(4, this.table.key.size));
    const count = new Uint32Array(1);
    let from: Uint8Array | null = null;
    let room = this.takeRoom();
    try {
      for (;;) {
        count[0] = room.entries;
        const { keys, values } = room;
        // The kernel reads where it is to go on before it writes where it stopped: one place serves both.
        const result = libbpf().lookupBatch(this.table.fd, from, place, keys, values, count, null);
        // One bucket alone is larger: the same place again, with more room.
        if (result === -ENOSPC && room.entries < MOST_ENTRIES_A_BATCH) {
          room = this.newRoom(2 * room.entries);
          continue;
        }
        if (result !== -ENOENT) checked(result, `listing the BPF map ${this.table.name}`);
        if (count[0] > 0)
          yield { count: count[0], keys: new DataView(keys.buffer), values: new DataView(values.buffer) };
        if (result === -ENOENT) return;
        from = place;
      }
    } finally {
      if (room.entries === ENTRIES_A_BATCH) this.spare = room;
    }
  }

  /** Two looks at once have a room each. */
  private takeRoom(): Room {
    const room = this.spare ?? this.newRoom(ENTRIES_A_BATCH);
    this.spare = null;
    return room;
  }

  private newRoom(entries: number): Room {
    const { key, value } = this.table;
    return {
      entries,
      keys: new Uint8Array(entries * key.size),
      values: new Uint8Array(entries * value.size),
    };
  }
}

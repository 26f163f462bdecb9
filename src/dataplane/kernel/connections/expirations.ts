/** Connections that a sweep ended: each is told once, also those that a process before this one had no time for. */
import { offsets } from '../bpf/btf.ts';
import type { BpfProgram } from '../bpf/program.ts';
import type { RingBuffer } from '../bpf/ring-buffer.ts';
import { goesShort, Reader, type Row } from './table.ts';

export type Expired = Pick<Row, 'ends' | 'way' | 'clientNext' | 'serverNext'>;

const MEMBERS = ['key', 'client_next', 'server_next', 'state', 'way'] as const;

export class Expirations {
  private readonly ring: RingBuffer;
  private readonly reader: Reader;
  private readonly at: Readonly<Record<(typeof MEMBERS)[number], number>>;

  /** @throws PoolgateError SYSTEM */
  constructor(program: BpfProgram) {
    this.reader = new Reader(program);
    this.at = offsets(program.layout('expired'), MEMBERS);
    this.ring = program.ringBuffer('expirations');
  }

  /** One after another; ten thousand may come at once. */
  *take(): Generator<Expired> {
    const { view } = this.ring;
    for (const record of this.ring.records()) {
      const ends = this.reader.ends(view, record + this.at.key);
      const state = view.getUint32(record + this.at.state, true);
      const way = goesShort(state) ? this.reader.way(view, record + this.at.way) : null;
      yield {
        ends: () => ends,
        way: () => way,
        clientNext: view.getUint32(record + this.at.client_next, true),
        serverNext: view.getUint32(record + this.at.server_next, true),
      };
    }
  }

  close(): void {
    this.ring.close();
  }
}

/** Connections that a sweep ended: each is told once, also those that a process before this one had no time for. */
import { offsets } from '../bpf/btf.ts';
import type { BpfProgram } from '../bpf/program.ts';
import type { RingBuffer } from '../bpf/ring-buffer.ts';
import { Reader, type Row } from './table.ts';

export type Expired = Pick<Row, 'ends' | 'clientNext' | 'serverNext'>;

export class Expirations {
  private readonly ring: RingBuffer;
  private readonly reader: Reader;
  private readonly at: Readonly<Record<'key' | 'client_next' | 'server_next', number>>;

  /** @throws PoolgateError SYSTEM */
  constructor(program: BpfProgram) {
    const { key, value } = program.maps.connections;
    this.reader = new Reader(key, value);
    this.at = offsets(program.layout('expired'), ['key', 'client_next', 'server_next']);
    this.ring = program.ringBuffer('expirations');
  }

  /** One after another; ten thousand may come at once. */
  *take(): Generator<Expired> {
    const { view } = this.ring;
    for (const record of this.ring.records()) {
      const ends = this.reader.ends(view, record + this.at.key);
      yield {
        ends: () => ends,
        clientNext: view.getUint32(record + this.at.client_next, true),
        serverNext: view.getUint32(record + this.at.server_next, true),
      };
    }
  }

  close(): void {
    this.ring.close();
  }
}

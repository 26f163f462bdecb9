/**
 * What opens and ends, as it happens: the programs tell it through a ring buffer while somebody listens. When more happens
 * than the buffer holds, nothing is lost but the moment: what the table says then is compared with what is known.
 */
import { offsets } from '../bpf/btf.ts';
import type { BpfProgram } from '../bpf/program.ts';
import type { RingBuffer } from '../bpf/ring-buffer.ts';
import { type Ends, openRows, Reader } from './table.ts';

/** Bits of `why`, as in bpf/maps.h; the first that fits says most. */
const REASONS = [
  [32, 'moved'],
  [4, 'client-reset'],
  [512, 'server-reset'],
  [8, 'expired'],
  [1024, 'commanded'],
  [3, 'finished'],
] as const;
/** `unseen`: it ended while the buffer was full. */
export type Reason = (typeof REASONS)[number][1] | 'unseen';

export interface Occurrence {
  /** Null: it was opened. */
  readonly ended: Reason | null;
  readonly ends: Ends;
  /** Numbers of the programs. */
  readonly service: number;
  readonly pool: number;
  readonly server: number;
  readonly mark: number;
  /** Of the monotonic clock. */
  readonly openedNs: bigint;
  readonly atNs: bigint;
  readonly bytesIn: bigint;
  readonly bytesOut: bigint;
}

const MEMBERS = [
  'key',
  'at_ns',
  'opened_ns',
  'bytes_in',
  'bytes_out',
  'service',
  'pool',
  'server',
  'mark',
  'why',
] as const;

export class Lifecycle {
  private readonly program: BpfProgram;
  private readonly ring: RingBuffer;
  private readonly reader: Reader;
  private readonly at: Readonly<Record<(typeof MEMBERS)[number], number>>;
  /** Connections that were told open and not ended. */
  private readonly open = new Map<string, Occurrence>();
  /** Ends that another CPU told before the beginning. */
  private readonly early = new Set<string>();
  private lost: bigint;

  /** Listens from now on; what is open already is told by the first `take`. @throws PoolgateError SYSTEM */
  constructor(program: BpfProgram) {
    this.program = program;
    this.reader = new Reader(program);
    this.at = offsets(program.layout('lifecycle'), MEMBERS);
    this.ring = program.ringBuffer('lifecycles');
    this.lost = -1n;
    for (const _ of this.ring.records()) continue;
    program.maps.switches.set(0, { lifecycle: 1 });
  }

  /** What happened since the last call: each connection is told open once and ended once. */
  take(): Occurrence[] {
    const told: Occurrence[] = [];
    for (const record of this.ring.records()) this.note(this.read(record), told);
    const { lifecycle_lost: lost } = this.program.maps.switches.get(0) as { lifecycle_lost: bigint };
    if (lost !== this.lost) this.compare(told);
    this.lost = lost;
    return told;
  }

  close(): void {
    this.program.maps.switches.set(0, { lifecycle: 0 });
    this.ring.close();
  }

  private note(one: Occurrence, told: Occurrence[]): void {
    const id = idOf(one);
    const isKnown = this.open.has(id);
    if (one.ended !== null) {
      if (isKnown) told.push(one);
      else this.early.add(id);
      this.open.delete(id);
      return;
    }
    if (isKnown) return;
    told.push(one);
    if (!this.early.delete(id)) this.open.set(id, one);
    else told.push({ ...one, ended: 'unseen' });
  }

  /** Tells what the table has and we do not, and the other way round. */
  private compare(told: Occurrence[]): void {
    this.early.clear();
    const unseen = new Map(this.open);
    for (const row of openRows(this.program)) {
      const { service, pool, server, mark, openedNs, bytesIn, bytesOut } = row;
      const ends = row.ends();
      const one = {
        ended: null,
        ends,
        service,
        pool,
        server,
        mark,
        openedNs,
        atNs: openedNs,
        bytesIn,
        bytesOut,
      };
      if (!unseen.delete(idOf(one))) this.note(one, told);
    }
    const atNs = process.hrtime.bigint();
    for (const one of unseen.values()) this.note({ ...one, ended: 'unseen', atNs }, told);
  }

  private read(record: number): Occurrence {
    const { view } = this.ring;
    const { at } = this;
    const why = view.getUint32(record + at.why, true);
    return {
      ended: why === 0 ? null : (REASONS.find(([bits]) => (why & bits) !== 0)?.[1] ?? 'finished'),
      ends: this.reader.ends(view, record + at.key),
      service: view.getUint32(record + at.service, true),
      pool: view.getUint32(record + at.pool, true),
      server: view.getUint32(record + at.server, true),
      mark: view.getUint32(record + at.mark, true),
      openedNs: view.getBigUint64(record + at.opened_ns, true),
      atNs: view.getBigUint64(record + at.at_ns, true),
      bytesIn: view.getBigUint64(record + at.bytes_in, true),
      bytesOut: view.getBigUint64(record + at.bytes_out, true),
    };
  }
}

function idOf({ ends, openedNs }: Occurrence): string {
  return `${openedNs} ${ends.protocol} ${ends.client} ${ends.clientPort} ${ends.vip} ${ends.vipPort}`;
}

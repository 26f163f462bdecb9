/** The programs' table of connections, as this process reads it: many entries at once, and of each only what is asked for. */
import type { Protocol } from '../../../model/effective.ts';
import { addressText } from '../../../network/family.ts';
import { offsets } from '../bpf/btf.ts';
import type { Batch } from '../bpf/batches.ts';
import type { BpfProgram } from '../bpf/program.ts';
import type { Tuple } from '../conntrack/entry.ts';

/** Bits of a connection's state, as in bpf/maps.h. */
export const DONE = 16;
const ESTABLISHED = 128;
const SHORT = 4096;

const IPPROTO_TCP = 6;
/** `::ffff:0:0/96` (RFC 4291 section 2.5.5.2), the third word. */
const MAPPED = 0xffff0000;

export interface Ends {
  readonly protocol: Protocol;
  readonly client: string;
  readonly clientPort: number;
  readonly vip: string;
  readonly vipPort: number;
}

/** How a connection that the programs translate stands at its server. */
export interface Way {
  readonly server: string;
  readonly serverPort: number;
  /** Half-NAT: the client's. */
  readonly source: string;
  readonly sourcePort: number;
}

/** What there is to know of a connection without making a text of it. */
export interface Numbered {
  readonly service: number;
  readonly pool: number;
  /** Its server's position. */
  readonly server: number;
  ends(): Ends;
}

/** One entry as it was when it was read; good until the next one is asked for. */
export class Row implements Numbered {
  private readonly reader: Reader;
  private readonly keys: DataView<ArrayBuffer>;
  private readonly values: DataView<ArrayBuffer>;
  private readonly keyAt: number;
  private readonly valueAt: number;

  constructor(reader: Reader, { keys, values }: Batch, index: number) {
    this.reader = reader;
    this.keys = keys;
    this.values = values;
    this.keyAt = index * reader.keySize;
    this.valueAt = index * reader.valueSize;
  }

  get state(): number {
    return this.word('state');
  }
  /** Of UDP. */
  get isFlow(): boolean {
    return this.keys.getUint32(this.keyAt + this.reader.key.protocol, true) !== IPPROTO_TCP;
  }
  /** Of TCP: the client has not answered the server yet. */
  get isHalfOpen(): boolean {
    return (this.state & ESTABLISHED) === 0 && !this.isFlow;
  }
  get service(): number {
    return this.word('service');
  }
  get pool(): number {
    return this.word('pool');
  }
  get server(): number {
    return this.word('server');
  }
  get mark(): number {
    return this.word('mark');
  }
  /** The sequence number that its server expects next of the client. */
  get clientNext(): number {
    return this.word('client_next');
  }
  get serverNext(): number {
    return this.word('server_next');
  }
  /** Of the monotonic clock, as all times here. */
  get openedNs(): bigint {
    return this.long('opened_ns');
  }
  get activeNs(): bigint {
    return this.long('active_ns');
  }
  get bytesIn(): bigint {
    return this.long('bytes_in');
  }
  get bytesOut(): bigint {
    return this.long('bytes_out');
  }

  /** As the map has it. */
  get key(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.keys.buffer, this.keyAt, this.reader.keySize);
  }

  ends(): Ends {
    return this.reader.ends(this.keys, this.keyAt);
  }

  /** Null: conntrack translates it. */
  way(): Way | null {
    return goesShort(this.state) ? this.reader.way(this.values, this.valueAt + this.reader.value.way) : null;
  }

  /** Another one for every connection, also of the same ends: the moment at which it was opened, and whose it is. */
  id(): string {
    let hash = 0x811c9dc5;
    for (const byte of this.key) hash = Math.imul(hash ^ byte, 0x01000193);
    return `${this.openedNs.toString(36)}-${(hash >>> 0).toString(36)}`;
  }

  private word(member: ValueMember): number {
    return this.values.getUint32(this.valueAt + this.reader.value[member], true);
  }

  private long(member: ValueMember): bigint {
    return this.values.getBigUint64(this.valueAt + this.reader.value[member], true);
  }
}

const KEY_MEMBERS = ['client', 'vip', 'client_port', 'vip_port', 'protocol'] as const;
const VALUE_MEMBERS = [
  'state',
  'service',
  'pool',
  'server',
  'mark',
  'client_next',
  'server_next',
  'opened_ns',
  'active_ns',
  'bytes_in',
  'bytes_out',
  'way',
] as const;
const WAY_MEMBERS = ['server', 'source', 'server_port', 'source_port'] as const;
type ValueMember = (typeof VALUE_MEMBERS)[number];
type Offsets<Name extends string> = Readonly<Record<Name, number>>;

/** Where the members of an entry are, by the type information of the object. */
export class Reader {
  readonly keySize: number;
  readonly valueSize: number;
  readonly key: Offsets<(typeof KEY_MEMBERS)[number]>;
  readonly value: Offsets<ValueMember>;
  private readonly wayAt: Offsets<(typeof WAY_MEMBERS)[number]>;

  constructor({ maps: { connections, ways } }: BpfProgram) {
    const { key, value } = connections;
    this.keySize = key.size;
    this.valueSize = value.size;
    this.key = offsets(key, KEY_MEMBERS);
    this.value = offsets(value, VALUE_MEMBERS);
    this.wayAt = offsets(ways.key, WAY_MEMBERS);
  }

  /** Of the key that stands there. */
  ends(view: DataView<ArrayBuffer>, at: number): Ends {
    const { client, vip, client_port: clientPort, vip_port: vipPort, protocol } = this.key;
    return {
      protocol: view.getUint32(at + protocol, true) === IPPROTO_TCP ? 'tcp' : 'udp',
      client: addressAt(view, at + client),
      clientPort: view.getUint16(at + clientPort),
      vip: addressAt(view, at + vip),
      vipPort: view.getUint16(at + vipPort),
    };
  }

  /** Of the way that stands there. */
  way(view: DataView<ArrayBuffer>, at: number): Way {
    const { server, source, server_port: serverPort, source_port: sourcePort } = this.wayAt;
    return {
      server: addressAt(view, at + server),
      serverPort: view.getUint16(at + serverPort),
      source: addressAt(view, at + source),
      sourcePort: view.getUint16(at + sourcePort),
    };
  }
}

/**
 * Those that are open, each good until the next one is asked for. What opens or ends meanwhile may be left out.
 * @throws PoolgateError SYSTEM
 */
export function* openRows(program: BpfProgram): Generator<Row> {
  for (const row of rows(program)) if ((row.state & DONE) === 0) yield row;
}

/** What the server of a connection sends, as conntrack would tell it. */
export function replyOf({ server, serverPort, source, sourcePort }: Way): Tuple {
  return { protocol: 'tcp', from: server, fromPort: serverPort, to: source, toPort: sourcePort };
}

/** Whether a state says that the programs translate the connection. */
export function goesShort(state: number): boolean {
  return (state & SHORT) !== 0;
}

function* rows(program: BpfProgram): Generator<Row> {
  const reader = new Reader(program);
  for (const batch of program.maps.connections.batches()) {
    for (let index = 0; index < batch.count; index++) yield new Row(reader, batch, index);
  }
}

/** A struct address of bpf/maps.h as a text. */
export function addressAt(view: DataView<ArrayBuffer>, at: number): string {
  const [from, size] = isIPv4At(view, at) ? [at + 12, 4] : [at, 16];
  return addressText(new Uint8Array(view.buffer, view.byteOffset + from, size));
}

/** Whether a struct address is one of IPv4. */
export function isIPv4At(view: DataView, at: number): boolean {
  return (
    view.getUint32(at, true) === 0 &&
    view.getUint32(at + 4, true) === 0 &&
    view.getUint32(at + 8, true) === MAPPED
  );
}

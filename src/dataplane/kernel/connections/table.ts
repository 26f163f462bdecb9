/** The programs' table of connections, as this process reads it. */
import { addressText } from '../../../network/family.ts';
import type { Protocol } from '../../../model/effective.ts';
import type { Value } from '../bpf/codec.ts';
import type { BpfProgram } from '../bpf/program.ts';

/** Bits of a connection's state, as in bpf/maps.h. */
const EXPIRED = 8;
export const DONE = 16;
export const ESTABLISHED = 128;

export interface RawKey {
  readonly client: { readonly words: readonly number[] };
  readonly vip: { readonly words: readonly number[] };
  readonly client_port: number;
  readonly vip_port: number;
  readonly protocol: number;
}

export interface RawConnection {
  readonly state: number;
  readonly service: number;
  readonly pool: number;
  readonly server: number;
  readonly mark: number;
  readonly client_next: number;
  readonly server_next: number;
  readonly opened_ns: bigint;
  readonly active_ns: bigint;
  readonly done_ns: bigint;
  readonly bytes_in: bigint;
  readonly bytes_out: bigint;
}

export interface Row {
  readonly key: RawKey;
  readonly value: RawConnection;
}

/** Those that are open. What opens or ends meanwhile may be left out. @throws PoolgateError SYSTEM */
export function* openRows(program: BpfProgram): Generator<Row> {
  for (const row of rows(program)) if ((row.value.state & DONE) === 0) yield row;
}

function* rows(program: BpfProgram): Generator<Row> {
  const { connections } = program.maps;
  for (const key of connections.keys()) {
    const value = connections.get(key);
    if (value !== null) yield { key, value } as unknown as Row;
  }
}

/** Those that a sweep has ended since; their entries stay for a second. */
export function* expiredRows(program: BpfProgram, sinceNs: bigint): Generator<Row> {
  for (const row of rows(program)) {
    if ((row.value.state & EXPIRED) !== 0 && row.value.done_ns >= sinceNs) yield row;
  }
}

/** Another one for every connection, also of the same addresses and ports: the moment at which it was opened, and whose. */
export function idOf({ key, value }: Row): string {
  const whose = [...key.client.words, ...key.vip.words, key.client_port, key.vip_port, key.protocol];
  const hash = whose.reduce((sum, word) => Math.imul(sum ^ word, 0x01000193) ^ (word >>> 15), 0x811c9dc5);
  return `${value.opened_ns.toString(36)}-${(hash >>> 0).toString(36)}`;
}

export interface Ends {
  readonly protocol: Protocol;
  readonly client: string;
  readonly clientPort: number;
  readonly vip: string;
  readonly vipPort: number;
}

export function endsOf({ key }: Pick<Row, 'key'>): Ends {
  return {
    protocol: key.protocol === 6 ? 'tcp' : 'udp',
    client: wordsText(key.client.words),
    clientPort: swapped(key.client_port),
    vip: wordsText(key.vip.words),
    vipPort: swapped(key.vip_port),
  };
}

/** As a key of the map. */
export function keyValue({ key }: Row): Value {
  return key as unknown as Value;
}

/** Ports stand in the maps in network byte order. */
export function swapped(port: number): number {
  return ((port & 0xff) << 8) | (port >> 8);
}

function wordsText(words: readonly number[]): string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(4 * i, word, true));
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === MAPPED;
  return addressText(isMapped ? bytes.subarray(12) : bytes);
}

/** `::ffff:0:0/96`, the third word. */
const MAPPED = 0xffff0000;

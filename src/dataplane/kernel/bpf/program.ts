/** The programs of bpf/ and their maps, loaded into the kernel. */
import { closeSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PoolgateError } from '../../../lib/errors.ts';
import { type Batch, Batches } from './batches.ts';
import { Btf, type Layout } from './btf.ts';
import { decode, encode, type Value } from './codec.ts';
import { btfOf, checked, ENOENT, lastWords, libbpf, type ObjectHandle } from './libbpf.ts';
import { RingBuffer } from './ring-buffer.ts';

/** The object that `npm run bpf` makes. */
export const OBJECT = new URL('../../../../build/poolgate.bpf.o', import.meta.url);

/** Which structs are key and value of each map. */
const MAPS = {
  vips: ['vip_key', 'vip'],
  services: [null, 'service'],
  service_states: [null, 'service_state'],
  pools: [null, 'pool'],
  pool_states: [null, 'pool_state'],
  connections: ['connection_key', 'connection'],
  port_counters: ['port_key', 'port_counters'],
  mapped_targets: ['mapped_key', 'mapped_target'],
  ways: ['way_key', 'connection_key'],
  source_addresses: [null, 'source_address'],
  places: [null, 'place'],
  maglevs: [null, 'maglev'],
  limited_sources: ['source_key', 'source'],
  switches: [null, 'switches'],
} as const satisfies Record<string, readonly [key: string | null, value: string | null]>;
export type MapName = keyof typeof MAPS;
export type RingName = 'expirations' | 'lifecycles';
export type ProgramName = 'from_clients' | 'to_clients' | 'sweep' | 'finish' | 'adopt';

const NUMBER: Layout = { kind: 'int', size: 4, signed: false };
/** BPF_MAP_TYPE_LRU_HASH (linux/bpf.h). */
const LRU_HASH = 9;
const UPDATE = { any: 0n, new: 1n } as const;

/** One map. Every call is a system call of about a microsecond. */
export class BpfMap {
  readonly key: Layout;
  readonly value: Layout;
  private readonly fd: number;
  private readonly name: string;
  private readonly inBatches: Batches;

  constructor(name: string, fd: number, key: Layout, value: Layout) {
    this.inBatches = new Batches({ name, fd, key, value });
    this.name = name;
    this.fd = fd;
    this.key = key;
    this.value = value;
  }

  /** @throws PoolgateError SYSTEM, e.g. when the map is full */
  set(key: Value, value: Value): void {
    const result = libbpf().update(this.fd, encode(this.key, key), encode(this.value, value), UPDATE.any);
    checked(result, `writing to the BPF map ${this.name}`);
  }

  get(key: Value): Value | null {
    const found = this.bytesOf(key);
    return found && decode(this.value, new Uint8Array(found.buffer));
  }

  /** Its value as it stands there. */
  bytesOf(key: Value): DataView<ArrayBuffer> | null {
    const bytes = new Uint8Array(this.value.size);
    const result = libbpf().lookup(this.fd, encode(this.key, key), bytes);
    if (result === -ENOENT) return null;
    checked(result, `reading the BPF map ${this.name}`);
    return new DataView(bytes.buffer);
  }

  /** One of a batch. */
  keyAt({ buffer }: DataView<ArrayBuffer>, index: number): Value {
    return decode(this.key, new Uint8Array(buffer, index * this.key.size, this.key.size));
  }

  /** Nothing happens when there is no such entry. */
  delete(key: Value): void {
    const result = libbpf().remove(this.fd, encode(this.key, key));
    if (result !== -ENOENT) checked(result, `deleting from the BPF map ${this.name}`);
  }

  /** Those that stay while it looks; others may be missing or there. */
  keys(): Value[] {
    const found: Value[] = [];
    let last: Uint8Array | null = null;
    for (;;) {
      const next: Uint8Array = new Uint8Array(this.key.size);
      const result = libbpf().nextKey(this.fd, last, next);
      if (result === -ENOENT) return found;
      checked(result, `listing the BPF map ${this.name}`);
      found.push(decode(this.key, next));
      last = next;
    }
  }

  /** All entries of a hash table. Those that stay while it looks; others may be missing or there. @throws PoolgateError SYSTEM */
  batches(): Generator<Batch> {
    return this.inBatches.all();
  }
}

export interface Sizes {
  /** Connections that the kernel plane holds at once; their memory is taken at load. */
  readonly connections?: number;
  /**
   * A folder in a bpffs where the maps have names: one that is there is adopted with all that it holds, others are made
   * and stay when this process ends. Without it they end with their last user.
   */
  readonly pins?: string;
}

/** Maps that a later process goes on with; those beside MAPS it does not read by key. */
const PINNED = ['persistence', 'expirations', 'lifecycles'];

/** Owns the kernel's objects until `close`. */
export class BpfProgram {
  readonly maps: Readonly<Record<MapName, BpfMap>>;
  private readonly object: ObjectHandle;
  private readonly btf: Btf;
  private closed = false;

  /** @throws PoolgateError SYSTEM with the verifier's last words */
  static load(sizes: Sizes = {}, file: URL = OBJECT): BpfProgram {
    const lib = libbpf();
    const bytes = readFileSync(file);
    const object = lib.openMem(bytes, bytes.length, null);
    if (!object) throw new PoolgateError('SYSTEM', `${file.pathname} is no BPF object\n${lastWords(5)}`);
    try {
      if (sizes.connections !== undefined) size(object, sizes.connections);
      if (sizes.pins !== undefined) pinTo(sizes.pins, object);
      checked(lib.load(object), 'the kernel does not take the BPF programs');
      return new BpfProgram(object);
    } catch (error) {
      lib.close(object);
      throw error;
    }
  }

  private constructor(object: ObjectHandle) {
    this.object = object;
    this.btf = new Btf(btfOf(object));
    const made = Object.entries(MAPS).map(([name, [key, value]]) => [name, this.map(name, key, value)]);
    this.maps = Object.fromEntries(made) as Record<MapName, BpfMap>;
  }

  private map(name: string, key: string | null, value: string | null): BpfMap {
    const lib = libbpf();
    const found = lib.findMap(this.object, name);
    if (!found) throw new PoolgateError('SYSTEM', `the BPF object has no map ${name}`);
    const keyLayout = key === null ? NUMBER : this.btf.struct(key);
    return new BpfMap(
      name,
      checked(lib.mapFd(found), `the BPF map ${name}`),
      keyLayout,
      value === null ? NUMBER : this.btf.struct(value),
    );
  }

  /** A struct of the programs, e.g. the argument of `sweep`. */
  layout(struct: string): Layout {
    return this.btf.struct(struct);
  }

  /** A reader of one of the programs' ring buffers. @throws PoolgateError SYSTEM */
  ringBuffer(name: RingName): RingBuffer {
    const lib = libbpf();
    const found = lib.findMap(this.object, name);
    if (!found) throw new PoolgateError('SYSTEM', `the BPF object has no map ${name}`);
    return new RingBuffer(checked(lib.mapFd(found), `the BPF map ${name}`), lib.maxEntries(found));
  }

  /** The descriptor of a program, for attaching and running it. */
  fd(name: ProgramName): number {
    const lib = libbpf();
    const found = lib.findProgram(this.object, name);
    if (!found) throw new PoolgateError('SYSTEM', `the BPF object has no program ${name}`);
    return checked(lib.programFd(found), `the BPF program ${name}`);
  }

  /**
   * Gives a service an empty table of clients it knows, or none (0); connections hold nothing of the one before.
   * @param entries what the table holds; near enough, for the kernel keeps some back for each CPU
   * @throws PoolgateError SYSTEM
   */
  setPersistence(service: number, entries: number): void {
    const lib = libbpf();
    const fd = this.persistence();
    const key = encode(NUMBER, service);
    if (entries === 0) {
      const result = lib.remove(fd, key);
      if (result !== -ENOENT) checked(result, 'taking away a table of known clients');
      return;
    }
    const sizes = [this.btf.struct('address').size, this.btf.struct('known_client').size] as const;
    const made = lib.createMap(LRU_HASH, 'known_clients', ...sizes, entries, null);
    checked(made, `making a table of ${entries} known clients`);
    const result = lib.update(fd, key, encode(NUMBER, made), UPDATE.any);
    closeSync(made); // The outer map holds it.
    checked(result, 'setting a table of known clients');
  }

  /** What a service's table of known clients is asked; null where it has none. @throws PoolgateError SYSTEM */
  withKnownClients<T>(service: number, ask: (table: BpfMap) => T): T | null {
    const lib = libbpf();
    // The outer map tells the inner one's number, also of one that another process made.
    const id = new Uint8Array(NUMBER.size);
    const result = lib.lookup(this.persistence(), encode(NUMBER, service), id);
    if (result === -ENOENT) return null;
    checked(result, 'looking for a table of known clients');
    const fd = checked(lib.mapById(decode(NUMBER, id) as number), 'opening a table of known clients');
    try {
      const layouts = [this.btf.struct('address'), this.btf.struct('known_client')] as const;
      return ask(new BpfMap('known_clients', fd, ...layouts));
    } finally {
      closeSync(fd);
    }
  }

  private persistence(): number {
    const lib = libbpf();
    const outer = lib.findMap(this.object, 'persistence');
    if (!outer) throw new PoolgateError('SYSTEM', 'the BPF object has no map persistence');
    return checked(lib.mapFd(outer), 'the BPF map persistence');
  }

  /** Safe to call twice. */
  close(): void {
    if (!this.closed) libbpf().close(this.object);
    this.closed = true;
  }
}

/** Each connection has at most one way. */
function size(object: ObjectHandle, connections: number): void {
  for (const name of ['connections', 'ways']) {
    const map = libbpf().findMap(object, name);
    if (map) checked(libbpf().setMaxEntries(map, connections), 'sizing the table of connections');
  }
}

function pinTo(folder: string, object: ObjectHandle): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of [...Object.keys(MAPS), ...PINNED]) {
    const map = libbpf().findMap(object, name);
    if (map) checked(libbpf().setPinPath(map, join(folder, name)), `naming the BPF map ${name}`);
  }
}

/** Takes the names away; maps that nothing uses any more go with them. That there are none is fine. */
export function unpin(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of [...Object.keys(MAPS), ...PINNED]) rmSync(join(folder, name), { force: true });
  rmdirSync(folder);
}

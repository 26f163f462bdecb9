/**
 * What the workers and the control thread share: one SharedArrayBuffer with the scheduling state of every pool and the
 * counters. Servers, services and ports are numbers here; names.ts keeps which is which.
 *
 * Scheduling state is written under the pool's lock, so that choosing and counting are one step across workers.
 * Counters are per worker, each written by one thread only, and summed by the reader: no atomic on the byte path.
 */
import { MAGLEV_SIZE } from '../../scheduler/maglev.ts';

export const MAX_POOLS = 128;
/**
 * Positions of a pool; the last one is its fallback, which no scheduler sees. Twice as many as servers, because in a
 * change that replaces all of them the old ones keep their positions until the workers have let go of them.
 */
export const POSITIONS = 128;
export const FALLBACK_POSITION = POSITIONS - 1;
export const MAX_SERVERS_PER_POOL = 63;
export const MAX_SERVICES = 256;
/** More than a worker has descriptors for on most machines, which then says so with the arithmetic (capacity.ts). */
export const MAX_PORTS = 65_536;
/** Bounded by what a connection remembers its own in (connections.ts): 16 bits. */
export const MAX_SOURCES = 32_767;
const SERVER_IDS = MAX_POOLS * POSITIONS;

/** Counters of a server, in this order; each a double, exact to 2^53. */
export const SERVER_COUNTERS = [
  'total',
  'bytesIn',
  'bytesOut',
  'connectErrors',
  'connectTimeouts',
  'redispatches',
  'sourceShortages',
  'idleExpired',
  'serverResets',
  'clientResets',
] as const;
export type ServerCounter = (typeof SERVER_COUNTERS)[number];

export const PORT_COUNTERS = [
  'active',
  'total',
  'refused',
  'atServerLimits',
  'atServiceLimit',
  'atSourceLimit',
  'atSourceRate',
  'bytesIn',
  'bytesOut',
] as const;
export type PortCounter = (typeof PORT_COUNTERS)[number];

/** What `selectable` says of a server: not at all; to everybody; to clients that persistence sends there (a drain). */
export const NOT_SELECTABLE = 0;
export const SELECTABLE = 1;
export const FOR_KNOWN_CLIENTS = 2;

/** One array a counter, indexed by server or port id. */
export type CounterColumns<Name extends string> = Record<Name, Float64Array<SharedArrayBuffer>>;

export interface SharedState {
  readonly buffer: SharedArrayBuffer;
  /** One word a pool: see mutex.ts. */
  readonly lock: Int32Array<SharedArrayBuffer>;
  /** Positions in use, holes included, by pool. */
  readonly count: Int32Array<SharedArrayBuffer>;
  /** By pool: 1 where a server has a limit of connections. */
  readonly limited: Int32Array<SharedArrayBuffer>;
  /** By server id = pool × POSITIONS + position. */
  readonly selectable: Int32Array<SharedArrayBuffer>;
  readonly weight: Int32Array<SharedArrayBuffer>;
  readonly active: Int32Array<SharedArrayBuffer>;
  /** Connections that the server may hold; 0: no limit. */
  readonly maxConnections: Int32Array<SharedArrayBuffer>;
  /** A hash of the server's address, for the hashing schedulers. */
  readonly identity: Int32Array<SharedArrayBuffer>;
  /** Rises each time the id is given to a new server, so that persistence does not take it for the one before. */
  readonly generation: Int32Array<SharedArrayBuffer>;
  /** By pool × MAGLEV_SIZE + place: positions of servers; kept for pools that a service of scheduler mh uses. */
  readonly maglev: Uint8Array<SharedArrayBuffer>;
  /** By service × POSITIONS + position: smooth weighted round robin. */
  readonly current: Int32Array<SharedArrayBuffer>;
  /** By service: where the next search starts. */
  readonly cursor: Int32Array<SharedArrayBuffer>;
  /** By service: the lock of its guard (guard.ts), taken before the pool's. */
  readonly serviceLock: Int32Array<SharedArrayBuffer>;
  /** By service: connections that its guard counts. */
  readonly serviceHeld: Int32Array<SharedArrayBuffer>;
  /** By worker, one word each: the connections it has open. */
  readonly open: readonly Int32Array<SharedArrayBuffer>[];
  /** One word: how many each worker may have; depends on the descriptors that listeners leave (capacity.ts). */
  readonly limit: Int32Array<SharedArrayBuffer>;
  /** By worker. */
  readonly serverCounters: readonly CounterColumns<ServerCounter>[];
  readonly portCounters: readonly CounterColumns<PortCounter>[];
}

/** Lays the shared state out over a new buffer, or over one that another thread made for as many workers. */
export function shareState(workers: number, existing?: SharedArrayBuffer): SharedState {
  const layout = new Layout();
  const words = (length: number): Span => layout.take(length, 4);
  const lock = words(MAX_POOLS);
  const count = words(MAX_POOLS);
  const limited = words(MAX_POOLS);
  const selectable = words(SERVER_IDS);
  const weight = words(SERVER_IDS);
  const active = words(SERVER_IDS);
  const maxConnections = words(SERVER_IDS);
  const identity = words(SERVER_IDS);
  const generation = words(SERVER_IDS);
  const maglev = layout.take(MAX_POOLS * MAGLEV_SIZE, 1);
  const current = words(MAX_SERVICES * POSITIONS);
  const cursor = words(MAX_SERVICES);
  const serviceLock = words(MAX_SERVICES);
  const serviceHeld = words(MAX_SERVICES);
  const open = Array.from({ length: workers }, () => words(1));
  const limit = words(1);
  const columns = <N extends string>(names: readonly N[], length: number): Record<N, Span>[] =>
    Array.from(
      { length: workers },
      () => Object.fromEntries(names.map((name) => [name, layout.take(length, 8)])) as Record<N, Span>,
    );
  const serverColumns = columns(SERVER_COUNTERS, SERVER_IDS);
  const portColumns = columns(PORT_COUNTERS, MAX_PORTS);

  const buffer = existing ?? new SharedArrayBuffer(layout.size);
  const int32 = (s: Span) => new Int32Array(buffer, s.offset, s.length);
  const doubles = <N extends string>(spans: Record<N, Span>): CounterColumns<N> =>
    Object.fromEntries(
      Object.entries<Span>(spans).map(([name, s]) => [name, new Float64Array(buffer, s.offset, s.length)]),
    ) as CounterColumns<N>;
  return {
    buffer,
    lock: int32(lock),
    count: int32(count),
    limited: int32(limited),
    selectable: int32(selectable),
    weight: int32(weight),
    active: int32(active),
    maxConnections: int32(maxConnections),
    identity: int32(identity),
    generation: int32(generation),
    maglev: new Uint8Array(buffer, maglev.offset, maglev.length),
    current: int32(current),
    cursor: int32(cursor),
    serviceLock: int32(serviceLock),
    serviceHeld: int32(serviceHeld),
    open: open.map(int32),
    limit: int32(limit),
    serverCounters: serverColumns.map(doubles),
    portCounters: portColumns.map(doubles),
  };
}

/** The id of the server at a position of a pool. */
export function serverId(pool: number, position: number): number {
  return pool * POSITIONS + position;
}

interface Span {
  readonly offset: number;
  readonly length: number;
}

class Layout {
  size = 0;

  /** Spans start on cache lines, so that workers do not slow each other down by sharing one. */
  take(length: number, elementBytes: number): Span {
    const span = { offset: this.size, length };
    this.size += Math.ceil((length * elementBytes) / 64) * 64;
    return span;
  }
}

/** Connections open in all workers. */
export function openConnections(shared: SharedState): number {
  return shared.open.reduce((sum, words) => sum + Atomics.load(words, 0), 0);
}

import type { Protocol } from '../../model/effective.ts';
import type { Batch } from './batch.ts';
import type { Chooser } from './chooser.ts';
import type { ConnectionTable } from './connections.ts';
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_DATA_WORD, EPOLL_EVENT_WORDS, Memory, sys } from './libc.ts';
import type { Pending } from './pending.ts';
import type { CounterColumns, PortCounter, ServerCounter, SharedState } from './common-state.ts';
import type { Sources } from './sources.ts';
import type { TimingWheel } from './timing-wheel.ts';
import type { UdpState } from './udp/state.ts';

/** What an event of the kernel is about; the upper half of the 64 bits that epoll hands back. */
export const TAG_END = 0;
export const TAG_LISTENER = 1;
export const TAG_CONTROL = 2;
/** A VIP's UDP socket, by port; a UDP flow's socket, by slot. */
export const TAG_DATAGRAMS = 3;
export const TAG_FLOW = 4;

export interface ServiceState {
  chooser: Chooser;
  redispatch: boolean;
  /** The SNAT pool; null: the system chooses the source. */
  sources: Sources | null;
  connectTimeoutMs: number;
  idleTimeoutMs: number;
  udpIdleMs: number;
}

export interface ListeningPort {
  readonly protocol: Protocol;
  /** -1 once it is closed. */
  fd: number;
  service: number;
  /** The port on the server; a fallback with a port of its own overrides it. */
  serverPort: number;
  /** Of TCP: it accepts. A UDP port is always read. */
  serving: boolean;
}

/** Where a server is dialled. */
export interface ServerAddress {
  /** struct sockaddr in kernel-visible memory; the port is written in before each connect. */
  readonly memory: Memory;
  readonly length: number;
  readonly family: number;
  /** A port that overrides the connection's (a fallback's own), or 0. */
  readonly port: number;
}

/** All that one worker holds. One thread, one loop: nothing here is locked. */
export interface WorkerState {
  readonly index: number;
  readonly epoll: number;
  readonly shared: SharedState;
  readonly serverCounters: CounterColumns<ServerCounter>;
  readonly portCounters: CounterColumns<PortCounter>;
  readonly table: ConnectionTable;
  readonly wheel: TimingWheel;
  /** Bytes that could not be written yet, by `slot × 2 + the side they were read from`; most connections have none. */
  readonly pending: Map<number, Pending>;
  /** Ends with more to read than one turn may take; they go on after the next batch of events. */
  readonly unfinished: number[];
  readonly buffer: Memory;
  /** Ends to be read and passed on together, once the batch is full or the events are through. */
  readonly batch: Batch;
  readonly services: Map<number, ServiceState>;
  readonly ports: Map<number, ListeningPort>;
  tcpPorts: number;
  /** Null as long as there was no UDP port. */
  udp: UdpState | null;
  readonly addresses: Map<number, ServerAddress>;
  /** Held back so that a connection can be taken and turned away when descriptors have run out. */
  spareFd: number;
  /** The worker's clock in milliseconds, monotonic, read once a batch. */
  now: number;
  /** The same moment by the clock that all threads share (CLOCK_MONOTONIC), in milliseconds. */
  readonly sharedNow: () => number;
  stopping: boolean;
}

const eventMemory = new Memory(EPOLL_EVENT_WORDS * 4);

/**
 * Registers a descriptor; `id` and `tag` come back with its events.
 * @returns false when the kernel has no room for it (fs.epoll.max_user_watches, memory)
 */
export function watch(epoll: number, fd: number, events: number, id: number, tag: number): boolean {
  eventMemory.int32[0] = events;
  eventMemory.int32[EPOLL_DATA_WORD] = id;
  eventMemory.int32[EPOLL_DATA_WORD + 1] = tag;
  return sys.epoll_ctl(epoll, EPOLL_CTL_ADD, fd, eventMemory.address) === 0;
}

/** Undoes {@link watch} for a descriptor that stays open; closing one does it by itself. */
export function unwatch(epoll: number, fd: number): void {
  sys.epoll_ctl(epoll, EPOLL_CTL_DEL, fd, 0);
}

/**
 * A worker thread of the proxy plane: one synchronous loop around epoll_wait. It runs no promise and no timer, because
 * it is blocked in the kernel whenever it has nothing to do; commands come by a message port, announced by an eventfd.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Batch } from './batch.ts';
import { PoolgateError } from '../../lib/errors.ts';
import type { CommandBatch, Reply, WorkerData } from './commands.ts';
import { ConnectionTable } from './connections.ts';
import { CHUNK, forwardBatch, forwardUnfinished } from './forward.ts';
import {
  EPOLL_CLOEXEC,
  EPOLL_DATA_WORD,
  EPOLL_EVENT_WORDS,
  EPOLLIN,
  errno,
  errorText,
  Memory,
  sys,
} from './libc.ts';
import { standInForOthers } from './own-descriptors.ts';
import { acceptFrom, onDeadline, onEndEvent, spareDescriptor } from './path.ts';
import { type CounterColumns, type PortCounter, type ServerCounter, shareState } from './common-state.ts';
import { sharedNow } from './guard/shared-now.ts';
import { TimingWheel } from './timing-wheel.ts';
import { onFlowDeadline } from './udp/ending.ts';
import { onFlowEvent, receiveFrom } from './udp/path.ts';
import { execute } from './worker-commands.ts';
import {
  TAG_CONTROL,
  TAG_DATAGRAMS,
  TAG_END,
  TAG_FLOW,
  TAG_LISTENER,
  watch,
  type WorkerState,
} from './worker-state.ts';

const EVENTS = 512;

const data = workerData as WorkerData;
const wakeCount = new Memory(8);
run(start());

function start(): WorkerState {
  const epoll = sys.epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) throw new Error(`epoll_create1: ${errorText(errno())}`);
  if (!watch(epoll, data.wakeFd, EPOLLIN, 0, TAG_CONTROL))
    throw new Error(`epoll_ctl: ${errorText(errno())}`);
  const shared = shareState(data.workers, data.buffer);
  const now = performance.now();
  const ahead = sharedNow() - now;
  const state: WorkerState = {
    index: data.index,
    epoll,
    shared,
    serverCounters: shared.serverCounters[data.index] as CounterColumns<ServerCounter>,
    portCounters: shared.portCounters[data.index] as CounterColumns<PortCounter>,
    table: new ConnectionTable(data.capacity),
    wheel: new TimingWheel(data.capacity, now),
    pending: new Map(),
    unfinished: [],
    buffer: new Memory(CHUNK),
    batch: new Batch(data.ioUring),
    services: new Map(),
    ports: new Map(),
    tcpPorts: 0,
    udp: null,
    addresses: new Map(),
    spareFd: spareDescriptor(),
    now,
    sharedNow: () => state.now + ahead,
    stopping: false,
  };
  return state;
}

function run(w: WorkerState): void {
  const events = new Memory(EVENTS * EPOLL_EVENT_WORDS * 4);
  while (!w.stopping) {
    const wait = w.unfinished.length > 0 ? 0 : untilDeadline(w, performance.now());
    const count = sys.epoll_wait(w.epoll, events.address, EVENTS, wait);
    w.now = performance.now();
    for (let i = 0; i < count; i++) {
      const word = i * EPOLL_EVENT_WORDS;
      const what = events.int32[word] as number;
      const id = events.int32[word + EPOLL_DATA_WORD] as number;
      const tag = events.int32[word + EPOLL_DATA_WORD + 1];
      if (tag === TAG_END) onEndEvent(w, id, what);
      else if (tag === TAG_LISTENER) acceptFrom(w, id);
      else if (tag === TAG_DATAGRAMS) receiveFrom(w, id);
      else if (tag === TAG_FLOW) onFlowEvent(w, id);
      else obey(w);
    }
    if (w.batch.count > 0) forwardBatch(w);
    if (w.unfinished.length > 0) forwardUnfinished(w);
    w.wheel.advance(w.now, (slot) => onDeadline(w, slot));
    w.table.releaseRetired();
    w.udp?.wheel.advance(w.now, (slot) => onFlowDeadline(w, slot));
    w.udp?.flows.releaseRetired();
  }
  w.batch.close();
  sys.close(w.epoll);
  sys.close(data.wakeFd);
  standInForOthers();
  parentPort?.close();
}

function untilDeadline(w: WorkerState, now: number): number {
  const connections = w.wheel.waitMs(now);
  return w.udp ? Math.min(connections, w.udp.wheel.waitMs(now)) : connections;
}

function obey(w: WorkerState): void {
  sys.eventfd_read(data.wakeFd, wakeCount.address);
  if (!parentPort) return;
  for (;;) {
    const received = receiveMessageOnPort(parentPort) as { message: CommandBatch } | undefined;
    if (!received) return;
    parentPort.postMessage(answer(w, received.message));
  }
}

function answer(w: WorkerState, { id, commands }: CommandBatch): Reply {
  let result: ReturnType<typeof execute> = null;
  const failures: Error[] = [];
  for (const command of commands) {
    try {
      result = execute(w, command);
    } catch (error) {
      // One port that cannot be had must not keep the others from being served.
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  const [first] = failures;
  if (!first) return { id, ok: true, result };
  const code = first instanceof PoolgateError ? first.code : 'SYSTEM';
  return { id, ok: false, code, message: failures.map(({ message }) => message).join('; ') };
}

/**
 * The path of a connection: admit → choose → dial → connected → forward (forward.ts) → end (ending.ts).
 * docs/path-of-a-connection.md tells it in words. Nothing here blocks, allocates or logs.
 */
import type { AddressWords } from '../../scheduler/identity.ts';
import { release } from './chooser.ts';
import { acceptNamed, lastClient, NO_CLIENT, peerAddress } from './guard/client-address.ts';
import { CLIENT, CONNECTING, OPEN, SERVER } from './connections.ts';
import { DIALLED, dial, EVERYTHING_ONCE, NO_SOURCE, UNREACHABLE } from './dial.ts';
import { closeFd, end, resetFd } from './ending.ts';
import { forward } from './forward.ts';
import {
  ECONNABORTED,
  ECONNRESET,
  EFD_CLOEXEC,
  EINTR,
  EMFILE,
  ENFILE,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  errno,
  Memory,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  sys,
} from './libc.ts';
import { countRefusal, NO_SERVER } from './refusals.ts';
import { TAG_END, watch, type WorkerState } from './worker-state.ts';

/** Connections taken from one listener before others get their turn. */
const ACCEPT_BATCH = 64;
const ACCEPTED = SOCK_NONBLOCK | SOCK_CLOEXEC;
/** More than that the connection stands: data, an end, or an error. */
const NEWS = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** A listener is readable: takes what is queued there. */
export function acceptFrom(w: WorkerState, portId: number): void {
  const port = w.ports.get(portId);
  if (!port?.serving) return;
  const named = w.services.get(port.service)?.chooser.asksClient ?? false;
  const address = named ? lastClient() : NO_CLIENT;
  for (let i = 0; i < ACCEPT_BATCH; i++) {
    const client = named ? acceptNamed(port.fd, ACCEPTED) : sys.accept4(port.fd, 0, 0, ACCEPTED);
    if (client >= 0) {
      admit(w, portId, client, address);
      continue;
    }
    const error = errno();
    if (error === EMFILE || error === ENFILE) refuseWithSpare(w, portId, port.fd);
    // A connection that was reset while it was queued is not the listener's error; on any other, EAGAIN above all,
    // there is nothing to do but wait for the next event.
    else if (error !== ECONNABORTED && error !== EINTR) return;
  }
}

function admit(w: WorkerState, portId: number, client: number, address: AddressWords): void {
  const { table, shared } = w;
  const port = w.ports.get(portId);
  const full = Atomics.add(shared.open[w.index]!, 0, 1) >= (shared.limit[0] as number);
  const slot = full || !port ? -1 : table.take();
  if (slot < 0 || !port) {
    Atomics.sub(shared.open[w.index]!, 0, 1);
    refuse(w, portId, client);
    return;
  }
  table.fd[slot * 2 + CLIENT] = client;
  table.fd[slot * 2 + SERVER] = -1;
  table.port[slot] = portId;
  table.service[slot] = port.service;
  table.server[slot] = -1;
  table.acceptedAt[slot] = w.now;
  table.state[slot] = CONNECTING;
  w.portCounters.active[portId]! += 1;
  w.portCounters.total[portId]! += 1;
  chooseAndDial(w, slot, address, -1);
}

/** Chooses a server and starts to connect; goes on to the next one when the connect fails at once. */
function chooseAndDial(w: WorkerState, slot: number, client: AddressWords, excluded: number): void {
  const { table } = w;
  const chooser = w.services.get(table.service[slot] as number)?.chooser;
  const server = chooser?.choose(client, excluded, table.holds, slot) ?? NO_SERVER;
  table.server[slot] = Math.max(server, -1);
  if (server < 0) {
    countRefusal(w, table.port[slot] as number, server);
    end(w, slot, 'refused');
    return;
  }
  if (excluded >= 0) w.serverCounters.redispatches[excluded]! += 1;
  w.serverCounters.total[server]! += 1;
  const outcome = dial(w, slot, server);
  if (outcome === DIALLED) {
    w.table.activeAt[slot] = w.now;
    w.wheel.add(slot, w.now + (w.services.get(w.table.service[slot] as number)?.connectTimeoutMs ?? 0));
  } else if (outcome === UNREACHABLE) {
    dialFailed(w, slot, 'connectErrors');
  } else if (outcome === NO_SOURCE) {
    // Another server is another destination, for which the same ports are free: worth asking whatever the service says.
    w.serverCounters.sourceShortages[server]! += 1;
    askAnother(w, slot);
  } else {
    end(w, slot, 'refused');
  }
}

/** The server did not take the connection. */
function dialFailed(w: WorkerState, slot: number, why: 'connectErrors' | 'connectTimeouts'): void {
  w.serverCounters[why][w.table.server[slot]!]! += 1;
  redispatch(w, slot);
}

/** Asks another server where the service allows it. */
export function redispatch(w: WorkerState, slot: number): void {
  if (w.services.get(w.table.service[slot] as number)?.redispatch) askAnother(w, slot);
  else end(w, slot, 'refused');
}

/** Asks another server, once; the client has noticed nothing yet. */
function askAnother(w: WorkerState, slot: number): void {
  const { table } = w;
  const server = table.server[slot] as number;
  if (table.redispatched[slot] === 1) {
    end(w, slot, 'refused');
    return;
  }
  table.redispatched[slot] = 1;
  w.wheel.remove(slot);
  closeFd(w, slot, SERVER);
  release(w.shared, server);
  // The address that accept saw is another client's by now.
  const asks = w.services.get(table.service[slot] as number)?.chooser.asksClient ?? false;
  const client = asks ? peerAddress(table.fd[slot * 2 + CLIENT]!) : NO_CLIENT;
  chooseAndDial(w, slot, client, server);
}

/** An event for one end of a connection. */
export function onEndEvent(w: WorkerState, handle: number, events: number): void {
  const slot = handle >> 1;
  const state = w.table.state[slot];
  if (state === OPEN) forward(w, slot, handle & 1 ? SERVER : CLIENT, events);
  else if (state === CONNECTING) connected(w, slot, events);
}

function connected(w: WorkerState, slot: number, events: number): void {
  const { table } = w;
  if (events & (EPOLLERR | EPOLLHUP) && !wasConnected(table.fd[slot * 2 + SERVER]!)) {
    dialFailed(w, slot, 'connectErrors');
    return;
  }
  if (!(events & EPOLLOUT)) return;
  table.state[slot] = OPEN;
  table.activeAt[slot] = w.now;
  rearm(w, slot);
  // Registered only now, so that an ordinary connection costs one event less; a client that went away meanwhile
  // shows up at once, and at the latest when the connect times out.
  if (!watch(w.epoll, table.fd[slot * 2 + CLIENT]!, EVERYTHING_ONCE, slot * 2 + CLIENT, TAG_END)) {
    end(w, slot, 'killed');
    return;
  }
  if (events & NEWS) forward(w, slot, SERVER, events);
}

const socketError = new Memory(4);
const socketErrorLength = new Memory(4);

/** A server that took the connection and reset it at once did take it; a refusal reads ECONNREFUSED here. */
function wasConnected(fd: number): boolean {
  socketErrorLength.int32[0] = 4;
  sys.getsockopt(fd, SOL_SOCKET, SO_ERROR, socketError.address, socketErrorLength.address);
  return socketError.int32[0] === ECONNRESET || socketError.int32[0] === 0;
}

/** The connect's deadline gives way to the idle one, which may be the earlier of the two. */
function rearm(w: WorkerState, slot: number): void {
  w.wheel.remove(slot);
  w.wheel.add(slot, w.now + (w.services.get(w.table.service[slot]!)?.idleTimeoutMs ?? 0));
}

/** A deadline has come: a connect that takes too long, a connection that is idle, or one that was active since. */
export function onDeadline(w: WorkerState, slot: number): void {
  const { table } = w;
  const service = w.services.get(table.service[slot] as number);
  if (!service || (table.state[slot] !== CONNECTING && table.state[slot] !== OPEN)) return;
  const connecting = table.state[slot] === CONNECTING;
  const deadline =
    (table.activeAt[slot] as number) + (connecting ? service.connectTimeoutMs : service.idleTimeoutMs);
  if (deadline > w.now) w.wheel.add(slot, deadline);
  else if (connecting) dialFailed(w, slot, 'connectTimeouts');
  else end(w, slot, 'idleExpired');
}

/**
 * Descriptors have run out in spite of the limit, because the whole machine's are used up: what waits at the listener
 * is taken by the spare one and turned away, or the listener would stay readable and the loop never sleep.
 */
function refuseWithSpare(w: WorkerState, portId: number, listener: number): void {
  if (w.spareFd >= 0) sys.close(w.spareFd);
  const client = sys.accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client >= 0) refuse(w, portId, client);
  w.spareFd = spareDescriptor();
}

/** A descriptor to be given up when there is no other; -1 when there is none to be had. */
export function spareDescriptor(): number {
  return sys.eventfd(0, EFD_CLOEXEC);
}

/** Turns a client away by a reset, so that it does not take a successful connect for an answer. */
function refuse(w: WorkerState, portId: number, client: number): void {
  w.portCounters.refused[portId]! += 1;
  resetFd(client);
}

/** What the control thread's commands (commands.ts) mean for UDP ports and flows. */
import type { ListedConnection, NumberSelector } from '../commands.ts';
import { EPOLLIN, errno, errorText, Memory, sys } from '../libc.ts';
import { isOf } from '../selecting.ts';
import { POSITIONS } from '../common-state.ts';
import { formatSockaddr, SOCKADDR_MAX } from '../sockaddr.ts';
import { endFlow, renewDeadlines } from './ending.ts';
import { KEY_BYTES } from './flows.ts';
import { makeUdpState } from './state.ts';
import { type ListeningPort, TAG_DATAGRAMS, watch, type WorkerState } from '../worker-state.ts';

/**
 * Takes a bound socket into service. It is read whether or not there is a server to be had: what nobody takes is dropped
 * now, and does not wait in the socket's queue for a server that comes in an hour.
 */
export function addUdpPort(w: WorkerState, id: number, port: ListeningPort): void {
  w.udp ??= makeUdpState(w.table.capacity, w.now);
  if (!watch(w.epoll, port.fd, EPOLLIN, id, TAG_DATAGRAMS)) {
    const message = `epoll_ctl: ${errorText(errno())}`;
    sys.close(port.fd);
    throw new Error(message);
  }
  w.ports.set(id, port);
}

export function endFlowsOfPort(w: WorkerState, id: number): number {
  return endFlows(w, (slot) => w.udp!.flows.port(slot) === id);
}

export function endMatchingFlows(w: WorkerState, selector: NumberSelector): number {
  return endFlows(w, (slot) => matches(w, slot, selector));
}

export function endAllFlows(w: WorkerState): number {
  return endFlows(w, () => true);
}

function endFlows(w: WorkerState, concerned: (slot: number) => boolean): number {
  let ended = 0;
  w.udp?.flows.forEach((slot) => {
    if (!concerned(slot)) return;
    endFlow(w, slot);
    ended++;
  });
  return ended;
}

export function renewFlowsOfService(w: WorkerState, service: number): void {
  renewDeadlines(w, (slot) => w.udp!.flows.service[slot] === service);
}

/** The VIPs' sockets stay, for open flows go on; there are no new ones. */
export function stopOpeningFlows(w: WorkerState): void {
  if (!w.udp) return;
  w.udp.ending = true;
  renewDeadlines(w, () => true);
}

/** Flows are numbered after the connections, so that a worker and a slot name one of either kind. */
function slotInAll(w: WorkerState, slot: number): number {
  return w.table.capacity + slot;
}

function matches(w: WorkerState, slot: number, s: NumberSelector): boolean {
  const { flows } = w.udp!;
  const server = flows.server[slot]!;
  return (
    (s.server === undefined || s.server === server) &&
    (s.pool === undefined || Math.floor(server / POSITIONS) === s.pool) &&
    (s.service === undefined || s.service === flows.service[slot]) &&
    (s.slot === undefined || s.slot === slotInAll(w, slot)) &&
    (s.generation === undefined || s.generation === flows.generation[slot]) &&
    (s.ports === undefined || s.ports.has(flows.port(slot))) &&
    !(w.now - flows.activeAt[slot]! <= (s.idleOverMs ?? -1)) &&
    !(w.now - flows.openedAt[slot]! <= (s.ageOverMs ?? -1)) &&
    (s.client === undefined || isOf(s.client, clientOf(w, slot)))
  );
}

/** At most `limit` of them. */
export function listFlows(w: WorkerState, selector: NumberSelector, limit: number): ListedConnection[] {
  const found: ListedConnection[] = [];
  w.udp?.flows.forEach((slot) => {
    if (found.length < limit && matches(w, slot, selector)) found.push(listed(w, slot));
  });
  return found;
}

function clientOf(w: WorkerState, slot: number): string {
  return formatSockaddr(w.udp!.flows.keys.bytes.subarray(slot * KEY_BYTES));
}

function listed(w: WorkerState, slot: number): ListedConnection {
  const { flows } = w.udp!;
  return {
    slot: slotInAll(w, slot),
    generation: flows.generation[slot]!,
    protocol: 'udp',
    server: flows.server[slot]!,
    service: flows.service[slot]!,
    client: clientOf(w, slot),
    vip: boundTo(w.ports.get(flows.port(slot))?.fd ?? -1),
    source: boundTo(flows.fd[slot]!),
    ageMs: Math.round(w.now - flows.openedAt[slot]!),
    idleMs: Math.round(w.now - flows.activeAt[slot]!),
    bytesIn: flows.bytesIn[slot]!,
    bytesOut: flows.bytesOut[slot]!,
  };
}

const name = new Memory(SOCKADDR_MAX);
const nameLength = new Memory(4);

function boundTo(fd: number): string {
  nameLength.int32[0] = SOCKADDR_MAX;
  return sys.getsockname(fd, name.address, nameLength.address) < 0 ? '' : formatSockaddr(name.bytes);
}

/**
 * The path of a datagram. From a client: read from the VIP's socket → find its flow, or open one (opening.ts) → send
 * on the flow's socket, which is connected to its server. From a server: read from the flow's socket → send from the VIP's
 * socket, so that the client sees it come from where it sent to. Nothing waits: what cannot be sent at once is
 * dropped, as any router would, and whoever speaks over UDP knows what to do about that.
 */
import { resultOf } from '../batch.ts';
import { CHUNK } from '../forward.ts';
import {
  AF_INET,
  EAGAIN,
  EHOSTUNREACH,
  EINTR,
  ENETUNREACH,
  ECONNREFUSED,
  Memory,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  sys,
} from '../libc.ts';
import { SOCKADDR_MAX, SOCKADDR_MIN } from '../sockaddr.ts';
import { KEY_BYTES, KEY_PORT_WORD, KEY_WORDS } from './flows.ts';
import { endFlow } from './ending.ts';
import { moveFlow, openFlow } from './opening.ts';
import type { ListeningPort, WorkerState } from '../worker-state.ts';

/** Datagrams taken from one VIP port, and from one flow's server, before others get their turn. */
const DATAGRAMS_A_TURN = 64;
const REPLIES_A_TURN = 16;
const SEND = MSG_DONTWAIT | MSG_NOSIGNAL;

const addressLength = new Memory(4);

/** The VIP's socket has datagrams. It is watched level-triggered: what a turn leaves brings the next event. */
export function receiveFrom(w: WorkerState, portId: number): void {
  const { udp } = w;
  const port = w.ports.get(portId);
  if (!udp || !port || port.fd < 0) return;
  const { address, int32: key } = udp.key;
  for (let i = 0; i < DATAGRAMS_A_TURN; i++) {
    addressLength.int32[0] = SOCKADDR_MAX;
    // The buffer takes the largest datagram there is (65,535 bytes with its headers), so that none is cut.
    const got = resultOf(
      sys.recvfrom(port.fd, w.buffer.address, CHUNK, MSG_DONTWAIT, address, addressLength.address),
    );
    if (got === -EINTR) continue;
    if (got < 0) return;
    if (addressLength.int32[0] === SOCKADDR_MIN) key.fill(0, SOCKADDR_MIN / 4);
    key[KEY_PORT_WORD] = portId;
    passIn(w, portId, port, got);
  }
}

/** @param got bytes of the datagram in `w.buffer`; there are empty ones */
function passIn(w: WorkerState, portId: number, port: ListeningPort, got: number): void {
  const { flows, key } = w.udp!;
  let slot = flows.find(key.int32);
  // A flow that has lost its server, and no other took it, is over; the datagram is the first of another one.
  if (slot < 0 || !sendToServer(w, slot, got)) {
    slot = openFlow(w, portId, port);
    if (slot < 0 || !sendToServer(w, slot, got)) return;
  }
  flows.activeAt[slot] = w.now;
  flows.bytesIn[slot]! += got;
  w.serverCounters.bytesIn[flows.server[slot]!]! += got;
  w.portCounters.bytesIn[portId]! += got;
}

/** @returns false when the server cannot be reached, and the flow so has ended */
function sendToServer(w: WorkerState, slot: number, length: number): boolean {
  const { fd } = w.udp!.flows;
  for (;;) {
    const sent = resultOf(sys.send(fd[slot]!, w.buffer.address, length, SEND));
    if (sent >= 0 || !isFatal(-sent)) return true;
    // The error is that of an earlier datagram, and this one was not sent.
    if (!unreachable(w, slot)) return false;
  }
}

/** The server has sent something, or its machine says that nobody listens there. */
export function onFlowEvent(w: WorkerState, slot: number): void {
  const { flows } = w.udp!;
  if (flows.inUse[slot] !== 1) return;
  for (let i = 0; i < REPLIES_A_TURN; i++) {
    const got = resultOf(sys.recv(flows.fd[slot]!, w.buffer.address, CHUNK, MSG_DONTWAIT));
    if (got >= 0) passOut(w, slot, got);
    else if (isFatal(-got)) {
      unreachable(w, slot);
      return;
    } else if (got === -EAGAIN) return;
  }
}

function passOut(w: WorkerState, slot: number, got: number): void {
  const { flows } = w.udp!;
  const portId = flows.port(slot);
  const length = (flows.keys.int32[slot * KEY_WORDS]! & 0xffff) === AF_INET ? SOCKADDR_MIN : SOCKADDR_MAX;
  const client = flows.keys.address + slot * KEY_BYTES;
  flows.activeAt[slot] = w.now;
  flows.moved[slot] = 0;
  flows.bytesOut[slot]! += got;
  w.serverCounters.bytesOut[flows.server[slot]!]! += got;
  w.portCounters.bytesOut[portId]! += got;
  // Last, so that whoever has heard the answer finds it counted.
  sys.sendto(w.ports.get(portId)!.fd, w.buffer.address, got, SEND, client, length);
}

/**
 * ECONNREFUSED is the server's machine saying that nobody listens on the port (ICMP port unreachable, RFC 1122 section
 * 4.1.3.3), the others are our own saying that there is no way to it. All else concerns a datagram and not the flow.
 */
function isFatal(error: number): boolean {
  return error === ECONNREFUSED || error === EHOSTUNREACH || error === ENETUNREACH;
}

/**
 * The flow is given another server, once until one answers. If there is none it ends, and the client's next datagram is
 * given a server anew, this one not excluded. @returns whether the flow goes on
 */
function unreachable(w: WorkerState, slot: number): boolean {
  w.serverCounters.connectErrors[w.udp!.flows.server[slot]!]! += 1;
  if (moveFlow(w, slot)) return true;
  endFlow(w, slot);
  return false;
}

import { release } from '../chooser.ts';
import { readAddress } from '../guard/client-address.ts';
import { DIALLED, type Dialled, NO_SOURCE, UNREACHABLE } from '../dial.ts';
import { letGo } from '../guard/holding.ts';
import { sys } from '../libc.ts';
import { countRefusal, NO_SERVER } from '../refusals.ts';
import { connectFlow } from './dial.ts';
import { KEY_WORDS } from './flows.ts';
import { mostFlows } from './state.ts';
import type { ListeningPort, WorkerState } from '../worker-state.ts';

/**
 * Opens a flow for the datagram whose key is in `w.udp.key`: a place in the table, a server by the service's scheduler,
 * counted as connections are, and a socket that is connected to it, so that replies and errors come back on it.
 * @returns its slot; -1 when there is no room or no server, and then the datagram is counted as refused
 */
export function openFlow(w: WorkerState, portId: number, port: ListeningPort): number {
  const slot = takePlace(w);
  const server = slot < 0 ? NO_SERVER : chooseAndConnect(w, slot, port);
  if (server < 0) {
    if (slot >= 0) giveUp(w, slot, port.service);
    countRefusal(w, portId, server);
    w.portCounters.refused[portId]! += 1;
    return -1;
  }
  const { flows, wheel } = w.udp!;
  flows.server[slot] = server;
  flows.service[slot] = port.service;
  flows.openedAt[slot] = w.now;
  flows.activeAt[slot] = w.now;
  wheel.add(slot, w.now + (w.services.get(port.service)?.udpIdleMs ?? 0));
  w.portCounters.active[portId]! += 1;
  w.portCounters.total[portId]! += 1;
  return slot;
}

function giveUp(w: WorkerState, slot: number, service: number): void {
  letGo(w, w.udp!.flows.holds, slot, service);
  leavePlace(w, slot);
}

function takePlace(w: WorkerState): number {
  const { flows, key, ending } = w.udp!;
  if (ending || flows.count >= mostFlows(w)) return -1;
  const open = w.shared.open[w.index]!;
  const full = Atomics.add(open, 0, 1) >= w.shared.limit[0]!;
  const slot = full ? -1 : flows.add(key.int32);
  if (slot < 0) Atomics.sub(open, 0, 1);
  return slot;
}

/** Gives a flow's place back; its server's count and its socket are the caller's affair. */
export function leavePlace(w: WorkerState, slot: number): void {
  Atomics.sub(w.shared.open[w.index]!, 0, 1);
  w.udp!.flows.retire(slot);
}

const client = new Int32Array(4);

/** A server that cannot even be tried is passed over once, where the service allows it. @returns the server or a refusal */
function chooseAndConnect(w: WorkerState, slot: number, port: ListeningPort): number {
  const service = w.services.get(port.service);
  if (!service) return NO_SERVER;
  const { flows, key } = w.udp!;
  readAddress(key.int32, client);
  let excluded = -1;
  for (;;) {
    const server = service.chooser.choose(client, excluded, flows.holds, slot);
    if (server < 0) return server;
    if (excluded >= 0) w.serverCounters.redispatches[excluded]! += 1;
    w.serverCounters.total[server]! += 1;
    const outcome = connectFlow(w, slot, server, port);
    if (outcome === DIALLED) return server;
    countFailure(w, server, outcome);
    release(w.shared, server);
    if (outcome !== UNREACHABLE || excluded >= 0 || !service.redispatch) return NO_SERVER;
    excluded = server;
  }
}

/**
 * Gives a flow whose server refused it to another one, where the service allows it, as a connect that is refused would
 * be. Without this every new client would be sent to a server that has just died: ending flows at once keeps its count
 * the lowest of all.
 * @returns false when nobody else can be had, or nobody has answered since it was moved before
 */
export function moveFlow(w: WorkerState, slot: number): boolean {
  const { flows } = w.udp!;
  const service = w.services.get(flows.service[slot]!);
  const port = w.ports.get(flows.port(slot));
  if (!service?.redispatch || !port || flows.moved[slot] === 1) return false;
  readAddress(flows.keys.int32.subarray(slot * KEY_WORDS, (slot + 1) * KEY_WORDS), client);
  const refused = flows.server[slot]!;
  const server = service.chooser.choose(client, refused, flows.holds, slot);
  if (server < 0) return false;
  sys.close(flows.fd[slot]!);
  flows.fd[slot] = -1;
  release(w.shared, refused);
  flows.server[slot] = server;
  flows.moved[slot] = 1;
  w.serverCounters.redispatches[refused]! += 1;
  w.serverCounters.total[server]! += 1;
  const outcome = connectFlow(w, slot, server, port);
  countFailure(w, server, outcome);
  return outcome === DIALLED;
}

/** A shortage of descriptors or memory is ours and no server's; it shows in what the port refused. */
function countFailure(w: WorkerState, server: number, outcome: Dialled): void {
  if (outcome === UNREACHABLE) w.serverCounters.connectErrors[server]! += 1;
  else if (outcome === NO_SOURCE) w.serverCounters.sourceShortages[server]! += 1;
}

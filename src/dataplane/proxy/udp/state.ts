import { Memory } from '../libc.ts';
import { FlowTable, KEY_BYTES } from './flows.ts';
import { TimingWheel } from '../timing-wheel.ts';
import type { WorkerState } from '../worker-state.ts';

/** What a worker has for UDP, made when it gets its first UDP port: who balances TCP alone pays nothing for it. */
export interface UdpState {
  readonly flows: FlowTable;
  /** Deadlines of the flows, by slot. */
  readonly wheel: TimingWheel;
  /** The key of the datagram just read: recvfrom writes the sender's address straight into it. */
  readonly key: Memory;
  /** The balancer ends: no new flows, and quiet ones go soon. */
  ending: boolean;
}

export function makeUdpState(capacity: number, now: number): UdpState {
  return {
    flows: new FlowTable(capacity),
    wheel: new TimingWheel(capacity, now),
    key: new Memory(KEY_BYTES),
    ending: false,
  };
}

/**
 * How many flows this worker may hold. Whoever can forge addresses can open as many flows as there may be, so that
 * beside TCP ports they get half of what fits: the other half stays for connections.
 */
export function mostFlows(w: WorkerState): number {
  const all = w.shared.limit[0]!;
  return w.tcpPorts > 0 ? all >> 1 : all;
}

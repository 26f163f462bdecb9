import { release } from '../chooser.ts';
import { letGo } from '../guard/holding.ts';
import { sys } from '../libc.ts';
import { leavePlace } from './opening.ts';
import type { WorkerState } from '../worker-state.ts';

/** While the balancer ends, a flow that is silent for so long is taken for over: nobody waits for STUN's every answer. */
const IDLE_AT_THE_END_MS = 1000;

/** Ends a flow and tells nobody, as there is nobody to tell over UDP; its counts go back. */
export function endFlow(w: WorkerState, slot: number): void {
  const { flows, wheel } = w.udp!;
  if (flows.fd[slot]! >= 0) sys.close(flows.fd[slot]!);
  wheel.remove(slot);
  letGo(w, flows.holds, slot, flows.service[slot]!);
  release(w.shared, flows.server[slot]!);
  w.portCounters.active[flows.port(slot)]! -= 1;
  leavePlace(w, slot);
}

/** A deadline has come: the flow is idle, or it was active since the deadline was set. */
export function onFlowDeadline(w: WorkerState, slot: number): void {
  const { flows, wheel, ending } = w.udp!;
  const idleMs = w.services.get(flows.service[slot]!)?.udpIdleMs ?? 0;
  const deadline = flows.activeAt[slot]! + (ending ? Math.min(idleMs, IDLE_AT_THE_END_MS) : idleMs);
  if (deadline > w.now) wheel.add(slot, deadline);
  else endFlow(w, slot);
}

/** Sets all deadlines of these flows anew: a shorter timeout must not wait for the deadline that a longer one had set. */
export function renewDeadlines(w: WorkerState, concerned: (slot: number) => boolean): void {
  w.udp?.flows.forEach((slot) => {
    if (!concerned(slot)) return;
    w.udp!.wheel.remove(slot);
    w.udp!.wheel.add(slot, w.now);
  });
}

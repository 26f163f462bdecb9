/** What connections and flows of a worker hold of the tables of their service, over their life. */
import { peerAddress, readAddress } from './client-address.ts';
import { CLIENT } from '../connections.ts';
import type { Guard } from './guard.ts';
import type { Holds } from './holds.ts';
import { KEY_WORDS } from '../udp/flows.ts';
import type { WorkerState } from '../worker-state.ts';

/** Gives back what one that ends holds, if anything. */
export function letGo(w: WorkerState, holds: Holds, slot: number, service: number): void {
  if (holds.held[slot] !== 0) w.services.get(service)?.chooser.guard?.letGo(holds, slot);
}

/** What is open counts against limits that come later, and its clients are known to a persistence that comes later. */
export function changeGuard(
  w: WorkerState,
  service: number,
  before: Guard | null,
  guard: Guard | null,
): void {
  const { table, udp } = w;
  const change = (holds: Holds, slot: number, server: number, client: () => Int32Array): void => {
    if (holds.held[slot] !== 0) before?.letGo(holds, slot);
    guard?.adopt(client(), server, holds, slot);
  };
  table.forEach((slot) => {
    if (table.service[slot] !== service) return;
    const fd = table.fd[slot * 2 + CLIENT] as number;
    change(table.holds, slot, table.server[slot] as number, () => peerAddress(fd));
  });
  udp?.flows.forEach((slot) => {
    const { flows } = udp;
    if (flows.service[slot] !== service) return;
    const key = flows.keys.int32.subarray(slot * KEY_WORDS, (slot + 1) * KEY_WORDS);
    change(flows.holds, slot, flows.server[slot] as number, () => {
      const client = new Int32Array(4);
      readAddress(key, client);
      return client;
    });
  });
}

import { Chooser } from './chooser.ts';
import type { Command } from './commands.ts';
import { Guard } from './guard/guard.ts';
import { changeGuard } from './guard/holding.ts';
import { Sources } from './sources.ts';
import { renewFlowsOfService } from './udp/commands.ts';
import type { WorkerState } from './worker-state.ts';

/** Takes up new settings of a service, or a new service; its open connections go on under them. */
export function setService(
  w: WorkerState,
  { service, settings }: Extract<Command, { op: 'set-service' }>,
): null {
  const before = w.services.get(service)?.chooser.guard ?? null;
  const guard = settings.guard && new Guard(w.shared, service, settings.guard, w.sharedNow);
  const sources = settings.sources && new Sources(settings.sources);
  w.services.set(service, { ...settings, sources, chooser: new Chooser(w.shared, service, settings, guard) });
  if (before?.epoch !== guard?.epoch) changeGuard(w, service, before, guard);
  // A shorter timeout must not wait for the deadline that the longer one had set.
  w.table.forEach((slot) => {
    if (w.table.service[slot] !== service) return;
    w.wheel.remove(slot);
    w.wheel.add(slot, w.now);
  });
  renewFlowsOfService(w, service);
  return null;
}

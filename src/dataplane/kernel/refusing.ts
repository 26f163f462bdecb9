/** What is refused before anything changes, because this machine does not have it or cannot hold it. */
import type { DesiredState, PlaneService } from '../dataplane.ts';
import { refuseIfTooMuchMemory } from '../proxy/guard/tables.ts';
import { refuseIfMissing } from '../proxy/listeners.ts';
import { requireRoom, trackedConnections } from './conntrack/limits.ts';

/**
 * @param before what was found good already
 * @throws PoolgateError ADDRESS_MISSING, TOO_LARGE_FOR_MACHINE
 */
export function refuseWhatCannotBe(next: DesiredState, before: DesiredState): void {
  requireRoom(
    next.services.reduce((sum, { settings }) => sum + settings.maxConnections, 0),
    trackedConnections(),
  );
  for (const service of next.services) {
    const others = next.services.filter((other) => other !== service).map(({ settings }) => settings);
    refuseIfTooMuchMemory(service.name, service.settings, others);
  }
  const known = new Set(before.services.flatMap(addressesOf));
  for (const address of new Set(next.services.flatMap(addressesOf))) {
    if (!known.has(address)) refuseIfMissing(address);
  }
}

/** A VIP that this machine does not have would be nobody's: it could refuse no connection and answer no ARP. */
function addressesOf({ ports, settings }: PlaneService): string[] {
  return [...ports.map(({ vip }) => vip), ...(settings.snat?.addresses ?? [])];
}

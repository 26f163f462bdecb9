/** What is refused before anything changes, because this machine does not have it or cannot hold it. */
import { PoolgateError } from '../../lib/errors.ts';
import type { DesiredState, PlaneService } from '../dataplane.ts';
import { refuseIfTooMuchMemory } from '../proxy/guard/tables.ts';
import { refuseIfMissing } from '../proxy/listeners.ts';
import { requireRoom, trackedConnections } from './conntrack/limits.ts';

/** What bpf/maps.h has room for. */
const MOST_PORTS = 65_536;

/**
 * @param before what was found good already
 * @throws PoolgateError ADDRESS_MISSING, TOO_LARGE_FOR_MACHINE
 */
export function refuseWhatCannotBe(next: DesiredState, before: DesiredState): void {
  refuseIfTooManyPorts(next);
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

/** Each port that was ever used has counters of its own. */
function refuseIfTooManyPorts({ services }: DesiredState): void {
  const ports = services.reduce((sum, service) => sum + service.ports.length, 0);
  if (ports <= MOST_PORTS) return;
  throw new PoolgateError(
    'TOO_LARGE_FOR_MACHINE',
    `the virtual services have ${ports} ports together; the kernel data plane counts for at most ${MOST_PORTS}`,
    { hint: 'Leave out ports that no client uses, or balance some of the services on another machine.' },
  );
}

/** A VIP that this machine does not have would be nobody's: it could refuse no connection and answer no ARP. */
function addressesOf({ ports, settings }: PlaneService): string[] {
  return [...ports.map(({ vip }) => vip), ...(settings.snat?.addresses ?? [])];
}

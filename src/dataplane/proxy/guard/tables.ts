/** The tables that guards remember by (guard.ts), as the control thread makes and keeps them. */
import { totalmem } from 'node:os';
import { PoolgateError } from '../../../lib/errors.ts';
import type { PlaneServiceSettings } from '../../dataplane.ts';
import { addressTableBytes, createAddressTable } from './address-table.ts';
import type { GuardNumbers } from './guard.ts';
import { SOURCES } from './source-limits.ts';

export interface GuardTables {
  readonly epoch: number;
  readonly persistence: SharedArrayBuffer | null;
  readonly persistenceEntries: number;
  readonly sources: SharedArrayBuffer | null;
}

let lastEpoch = 0;

/** The tables for these settings, of the former ones what still fits; null for a service that needs no guard. */
export function guardTables(former: GuardTables | null, settings: PlaneServiceSettings): GuardTables | null {
  const { persistenceEntries } = settings;
  if (persistenceEntries === 0 && settings.maxConnections === 0 && !limitsSources(settings)) return null;
  const keeps = former?.persistenceEntries === persistenceEntries;
  const makePersistence = () => (persistenceEntries > 0 ? createAddressTable(persistenceEntries) : null);
  const makeSources = () => former?.sources ?? createAddressTable(SOURCES);
  const persistence = keeps ? former.persistence : makePersistence();
  const sources = limitsSources(settings) ? makeSources() : null;
  const same = former?.persistence === persistence && former?.sources === sources;
  return { epoch: same ? former.epoch : ++lastEpoch, persistence, persistenceEntries, sources };
}

/** The tables and settings as the workers get them. */
export function guardNumbers(
  { epoch, persistence, sources }: GuardTables,
  settings: PlaneServiceSettings,
): GuardNumbers {
  return {
    epoch,
    maxConnections: settings.maxConnections,
    persistence: persistence && {
      buffer: persistence,
      maxEntries: settings.persistenceEntries,
      timeoutMs: settings.persistenceTimeoutMs,
    },
    sources: sources && {
      buffer: sources,
      connections: settings.connectionsPerSource,
      perSecond: settings.newConnectionsPerSecondPerSource,
    },
  };
}

function limitsSources(settings: PlaneServiceSettings): boolean {
  return settings.connectionsPerSource > 0 || settings.newConnectionsPerSecondPerSource > 0;
}

/** Half of what there is, the other half being for the kernel's buffers of connections and the program. */
const SHARE = 2;

/**
 * Before a table is made. Memory counts when it is touched, so that a table too large would not fail now but end the
 * process when it fills.
 * @param others settings of the other services
 * @param memory bytes of this machine, or of the container
 * @throws PoolgateError TOO_LARGE_FOR_MACHINE, with the arithmetic
 */
export function refuseIfTooMuchMemory(
  service: string,
  settings: PlaneServiceSettings,
  others: readonly PlaneServiceSettings[],
  memory: number = machineMemory(),
): void {
  const own = tableBytes(settings);
  const rest = others.reduce((sum, other) => sum + tableBytes(other), 0);
  if (own === 0 || own + rest <= memory / SHARE) return;
  const { persistenceEntries } = settings;
  const each = Math.round(addressTableBytes(persistenceEntries) / Math.max(1, persistenceEntries));
  const parts = [
    ...(persistenceEntries > 0 ? [`${persistenceEntries} persistence entries of ${each} bytes`] : []),
    ...(limitsSources(settings) ? [`${megabytes(addressTableBytes(SOURCES))} for limits per source`] : []),
  ];
  throw new PoolgateError(
    'TOO_LARGE_FOR_MACHINE',
    `virtual service ${service} needs ${megabytes(own)} (${parts.join(', ')}); with ${megabytes(rest)} of the other ` +
      `services that is more than half of this machine's ${megabytes(memory)}`,
    { hint: 'Lower persistence.maxEntries of this service or of others, or give the machine more memory.' },
  );
}

function tableBytes(settings: PlaneServiceSettings): number {
  const { persistenceEntries } = settings;
  const persistence = persistenceEntries > 0 ? addressTableBytes(persistenceEntries) : 0;
  return persistence + (limitsSources(settings) ? addressTableBytes(SOURCES) : 0);
}

/** The container's limit where there is one; Node gives 0, or a number beyond all memory, where there is none. */
function machineMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}

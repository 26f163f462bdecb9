/** A service's persistence and limits: the part of resolve.ts about who is let in, and to whom. */
import type { EffectiveService, Persistence, PortRange } from '../model/effective.ts';
import { formatRange } from '../model/ports.ts';
import { SCHEMA_DEFAULTS } from '../model/schema-defaults.ts';
import type { VirtualServiceInput } from '../model/virtual-service.ts';
import { type Profile, rangeOf } from '../profiles/profile.ts';
import type { Trace } from './trace.ts';

export function resolveLimits(
  trace: Trace,
  at: string,
  service: VirtualServiceInput,
  ports: readonly PortRange[],
  profile: Profile | null,
): Pick<EffectiveService, 'persistence' | 'maxConnections' | 'limits'> {
  const { limits } = SCHEMA_DEFAULTS;
  return {
    persistence: resolvePersistence(trace, `${at}.persistence`, service, ports, profile),
    maxConnections: trace.pick<number>(
      `${at}.maxConnections`,
      [service.maxConnections, 'file'],
      [SCHEMA_DEFAULTS.maxConnections, 'schema'],
    ),
    limits: {
      newConnectionsPerSecondPerSource: trace.pick<number>(
        `${at}.limits.newConnectionsPerSecondPerSource`,
        [service.limits?.newConnectionsPerSecondPerSource, 'file'],
        [limits.newConnectionsPerSecondPerSource, 'schema'],
      ),
      connectionsPerSource: trace.pick<number>(
        `${at}.limits.connectionsPerSource`,
        [service.limits?.connectionsPerSource, 'file'],
        [limits.connectionsPerSource, 'schema'],
      ),
    },
  };
}

function resolvePersistence(
  trace: Trace,
  at: string,
  service: VirtualServiceInput,
  ports: readonly PortRange[],
  profile: Profile | null,
): Persistence | null {
  const { persistence } = service;
  const wished = persistence ? [] : wishedFor(service, ports, profile);
  const type = trace.pick<string>(
    `${at}.type`,
    [persistence?.type, 'file'],
    [wished.length > 0 ? 'source-ip' : undefined, `profile ${profile?.name}`],
    ['none', 'schema'],
  );
  if (type === 'none') return null;
  const some = wished.length > 0 && wished.length < ports.length;
  if (some) trace.note(`${at}.ports`, wished.map(formatRange), `profile ${profile?.name}`);
  const { timeout, maxEntries } = SCHEMA_DEFAULTS.persistence;
  return {
    timeoutMs: trace.pickMs(`${at}.timeout`, [persistence?.timeout, 'file'], [timeout, 'schema']),
    maxEntries: trace.pick<number>(
      `${at}.maxEntries`,
      [persistence?.maxEntries, 'file'],
      [maxEntries, 'schema'],
    ),
    ...(some ? { ports: wished } : {}),
  };
}

/** Those of the service's ports for which the profile asks for it. */
function wishedFor(
  service: VirtualServiceInput,
  ports: readonly PortRange[],
  profile: Profile | null,
): readonly PortRange[] {
  const persistent = (profile?.ports ?? []).filter((p) => p.persistence?.value === 'source-ip').map(rangeOf);
  const wished = ports.filter((range) => persistent.some((p) => leadsWithin(range, p)));
  // For some of its ports a service is run as two, and a limit is of all of it.
  const limited = [service.maxConnections, ...Object.values(service.limits ?? {})].some((n) => (n ?? 0) > 0);
  return limited && wished.length < ports.length ? [] : wished;
}

/** By the ports of the servers: those of the VIP may be others. */
function leadsWithin(range: PortRange, within: PortRange): boolean {
  const last = range.serverFirst + range.last - range.first;
  return (
    range.protocol === within.protocol &&
    within.serverFirst <= range.serverFirst &&
    last <= within.serverFirst + within.last - within.first
  );
}

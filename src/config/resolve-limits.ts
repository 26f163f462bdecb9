/** A service's persistence and limits: the part of resolve.ts about who is let in, and to whom. */
import type { EffectiveService, Persistence } from '../model/effective.ts';
import { SCHEMA_DEFAULTS } from '../model/schema-defaults.ts';
import type { VirtualServiceInput } from '../model/virtual-service.ts';
import type { Trace } from './trace.ts';

export function resolveLimits(
  trace: Trace,
  at: string,
  service: VirtualServiceInput,
): Pick<EffectiveService, 'persistence' | 'maxConnections' | 'limits'> {
  const { limits } = SCHEMA_DEFAULTS;
  return {
    persistence: resolvePersistence(trace, `${at}.persistence`, service),
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
  { persistence }: VirtualServiceInput,
): Persistence | null {
  const type = trace.pick<string>(`${at}.type`, [persistence?.type, 'file'], ['none', 'schema']);
  if (type === 'none') return null;
  const { timeout, maxEntries } = SCHEMA_DEFAULTS.persistence;
  return {
    timeoutMs: trace.pickMs(`${at}.timeout`, [persistence?.timeout, 'file'], [timeout, 'schema']),
    maxEntries: trace.pick<number>(
      `${at}.maxEntries`,
      [persistence?.maxEntries, 'file'],
      [maxEntries, 'schema'],
    ),
  };
}

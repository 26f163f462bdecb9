/** What persistence and limits of virtual services do, in lines under the table of services; none where there is neither. */
import type { LimitedView, ServerView, ServiceView } from '../state/contract.ts';
import { plural } from './text.ts';

const REASONS: readonly (readonly [keyof LimitedView, string])[] = [
  ['atServerLimits', 'all servers at maxConnections'],
  ['atServiceLimit', 'service at maxConnections'],
  ['atSourceLimit', 'source at connectionsPerSource'],
  ['atSourceRate', 'source beyond newConnectionsPerSecondPerSource'],
];

export function limitLines(services: readonly ServiceView[]): string[] {
  return services.flatMap((service) => [...persistenceLine(service), ...limitedLine(service)]);
}

function persistenceLine({ name, persistence }: ServiceView): string[] {
  if (!persistence) return [];
  const { entries, maxEntries, evicted, notKept } = persistence;
  const early = evicted > 0 ? `, ${evicted} forgotten early` : '';
  const unkept = notKept > 0 ? `, ${plural(notKept, 'connection')} not kept` : '';
  const full = early || unkept ? ' (raise persistence.maxEntries)' : '';
  return [`Persistence of ${name}: ${entries} of ${plural(maxEntries, 'client')}${early}${unkept}${full}`];
}

function limitedLine({ name, limited }: ServiceView): string[] {
  const reasons = REASONS.filter(([key]) => limited[key] > 0).map(([key, text]) => `${limited[key]} ${text}`);
  return reasons.length === 0 ? [] : [`Turned away by limits of ${name}: ${reasons.join(', ')}`];
}

/** Servers for which connections found no source port, since the start; none where there was always one. */
export function shortageLines(servers: readonly ServerView[]): string[] {
  const short = servers.filter((s) => s.sourceShortages > 0);
  if (short.length === 0) return [];
  const list = short.map((s) => `${s.sourceShortages} to ${s.pool}/${s.name}`).join(', ');
  return [`No source port was free for connections: ${list} (add addresses to snatPool)`];
}

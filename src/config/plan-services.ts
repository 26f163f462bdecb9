import { formatDuration } from '../model/duration.ts';
import type { EffectiveService, Persistence, PortRange } from '../model/effective.ts';
import { formatRange } from '../model/ports.ts';
import type { PlanStep } from '../state/contract.ts';
import { added, changed, limitText, pairUp, removed } from './plan-step.ts';
import { remappedRanges, subtractRanges } from './port-ranges.ts';

export function planServices(
  prev: readonly EffectiveService[],
  next: readonly EffectiveService[],
): PlanStep[] {
  const services = pairUp(prev, next, (s) => s.name);
  return [
    ...services.added.map((s) => added(`service ${s.name}`, serviceText(s))),
    ...services.kept.flatMap((pair) => changedService(pair.prev, pair.next)),
    ...services.removed.map((s) =>
      removed(`service ${s.name}`, serviceText(s), `all connections through ${s.name}`),
    ),
  ];
}

function changedService(prev: EffectiveService, next: EffectiveService): PlanStep[] {
  const at = `service ${next.name}`;
  return [
    ...(prev.vip === next.vip ? changedPorts(prev, next) : movedPorts(prev, next)),
    ...changed(`${at} / pool`, prev.pool, next.pool),
    ...changed(`${at} / scheduler`, prev.scheduler, next.scheduler),
    ...changed(`${at} / redispatch`, String(prev.redispatch), String(next.redispatch)),
    ...changed(`${at} / nat`, prev.nat, next.nat),
    ...changed(`${at} / snatPool`, snatText(prev), snatText(next)),
    ...changed(
      `${at} / timeouts / connect`,
      formatDuration(prev.connectTimeoutMs),
      formatDuration(next.connectTimeoutMs),
    ),
    ...changed(
      `${at} / timeouts / idle`,
      formatDuration(prev.idleTimeoutMs),
      formatDuration(next.idleTimeoutMs),
    ),
    ...changed(`${at} / timeouts / udpIdle`, formatDuration(prev.udpIdleMs), formatDuration(next.udpIdleMs)),
    ...changed(`${at} / persistence`, persistenceText(prev.persistence), persistenceText(next.persistence)),
    ...changed(`${at} / maxConnections`, limitText(prev.maxConnections), limitText(next.maxConnections)),
    ...SOURCE_LIMITS.flatMap((key) =>
      changed(`${at} / limits / ${key}`, limitText(prev.limits[key]), limitText(next.limits[key])),
    ),
  ];
}

const SOURCE_LIMITS = ['newConnectionsPerSecondPerSource', 'connectionsPerSource'] as const;

function persistenceText(persistence: Persistence | null): string {
  if (!persistence) return 'none';
  return `source-ip for ${formatDuration(persistence.timeoutMs)}, ${persistence.maxEntries} entries`;
}

/** Open connections keep the source that they have. */
function snatText({ snat }: EffectiveService): string {
  if (!snat) return "the system's choice";
  return `${snat.addresses.join(', ')} ports ${snat.ports ? `${snat.ports.first}-${snat.ports.last}` : "of the system's range"}`;
}

/** Another VIP has none of the ports of the old one. */
function movedPorts(prev: EffectiveService, next: EffectiveService): PlanStep[] {
  const at = `service ${next.name} / ports`;
  return [
    removed(at, `${prev.vip} ${portList(prev.ports)}`, `all connections through ${prev.name}`),
    added(at, `${next.vip} ${portList(next.ports)}`),
  ];
}

/** A port that now leads to another port of the servers keeps its open connections; new ones go there. */
function changedPorts(prev: EffectiveService, next: EffectiveService): PlanStep[] {
  const at = `service ${next.name} / port`;
  const through = (range: PortRange): string =>
    `all connections through port ${vipPorts(range)} of ${next.name}`;
  return [
    ...subtractRanges(prev.ports, next.ports).map((r) =>
      removed(`${at} ${vipPorts(r)}`, leadsTo(r), through(r)),
    ),
    ...remappedRanges(prev.ports, next.ports).flatMap((r) =>
      changed(`${at} ${vipPorts(r.next)}`, leadsTo(r.prev), leadsTo(r.next)),
    ),
    ...subtractRanges(next.ports, prev.ports).map((r) => added(`${at} ${vipPorts(r)}`, leadsTo(r))),
  ];
}

function leadsTo(range: PortRange): string {
  return `server port ${vipPorts({ ...range, protocol: 'tcp', first: range.serverFirst, last: range.serverFirst + range.last - range.first })}`;
}

function vipPorts(range: PortRange): string {
  return formatRange({ ...range, serverFirst: range.first });
}

function portList(ports: readonly PortRange[]): string {
  return `ports ${ports.map(formatRange).join(', ')}`;
}

function serviceText(service: EffectiveService): string {
  return `${service.vip} ${portList(service.ports)} to ${service.pool} by ${service.scheduler}`;
}

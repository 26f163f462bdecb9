/** The sentences of events, for servers in HAProxy's wording where it has one. */
import type { ConnectionFilter } from '../dataplane/dataplane.ts';
import type { Failure } from '../health/running-check.ts';
import { GOOD_RESULTS } from './contract.ts';
import type { EventDraft } from './events.ts';
import type { Standing } from './standing.ts';

export interface PoolCount {
  readonly usable: number;
  readonly servers: number;
}

export function nameOf(standing: Standing): string {
  return `${standing.pool.name}/${standing.server.name}`;
}

/** e.g. `L4CON ("Connection refused" on port 444)`. */
export function causeOf(failures: readonly Failure[]): string {
  if (failures.length === 0) return 'health checks';
  return failures.map((f) => `${f.result} ("${f.text}" on port ${f.port})`).join(', ');
}

export function serverDown(
  standing: Standing,
  cause: string,
  count: PoolCount,
  connections: number,
): EventDraft {
  const kept = standing.pool.onDown === 'keep';
  const end = `${plural(connections, 'connection')} ${kept ? 'kept' : 'reset'}`;
  const message = `Server ${nameOf(standing)} is DOWN, reason: ${cause}, ${inWords(count)}, ${end}.`;
  return { ...about(standing), kind: 'server-down', severity: 'warning', message, actor: 'health' };
}

export function serverUp(standing: Standing, count: PoolCount): EventDraft {
  const results = new Set(standing.pool.healthChecks.map((c) => GOOD_RESULTS[c.type]));
  const cause = [...results].join(' and ') || 'no health checks';
  const message = `Server ${nameOf(standing)} is UP, reason: ${cause}, ${inWords(count)}.`;
  return { ...about(standing), kind: 'server-up', severity: 'notice', message, actor: 'health' };
}

export function serverAdmin(standing: Standing, connections: number, actor: string): EventDraft {
  const left = plural(connections, 'connection');
  const text = {
    ready: 'is READY',
    drain: `is in DRAIN, ${left} open, the rest will be reset in ${durationText(standing.pool.drain.timeoutMs)}`,
    maint: `is in MAINT, ${left} open`,
  }[standing.admin];
  const message = `Server ${nameOf(standing)} ${text}.`;
  return { ...about(standing), kind: 'server-admin', severity: 'notice', message, actor };
}

export function serverWeight(standing: Standing, was: number, actor: string): EventDraft {
  const drained = standing.draining && standing.weight === 0 ? ', so it is drained' : '';
  const message = `Server ${nameOf(standing)} has weight ${standing.weight} (was ${was})${drained}.`;
  return { ...about(standing), kind: 'server-weight', severity: 'notice', message, actor };
}

export function serverAdded(standing: Standing, actor: string): EventDraft {
  const message = `Server ${nameOf(standing)} (${standing.server.address}) added.`;
  return { ...about(standing), kind: 'server-added', severity: 'notice', message, actor };
}

export function serverRemoved(standing: Standing, connections: number, actor: string): EventDraft {
  const message = `Server ${nameOf(standing)} (${standing.server.address}) removed, ${plural(connections, 'connection')} reset.`;
  return { ...about(standing), kind: 'server-removed', severity: 'notice', message, actor };
}

export function drainExpired(standing: Standing, connections: number): EventDraft {
  const after = durationText(standing.pool.drain.timeoutMs);
  const message = `Server ${nameOf(standing)} drained for ${after}, ${plural(connections, 'connection')} reset.`;
  const severity = connections > 0 ? 'notice' : 'info';
  return { ...about(standing), kind: 'drain-expired', severity, message, actor: 'file' };
}

export function poolEmpty(pool: Standing['pool'], actor: string): EventDraft {
  const then = pool.fallback
    ? `new connections go to the fallback ${pool.fallback.address}`
    : 'new connections are refused';
  const message = `Pool ${pool.name} has no server available, ${then}.`;
  return { kind: 'pool-empty', severity: 'error', message, pool: pool.name, actor };
}

export function poolUsable(pool: Standing['pool'], count: PoolCount, actor: string): EventDraft {
  const message = `Pool ${pool.name} has servers available again, ${inWords(count)}.`;
  return { kind: 'pool-usable', severity: 'notice', message, pool: pool.name, actor };
}

export function configApplied(steps: number, actor: string): EventDraft {
  const message = steps === 0 ? 'Config read, no change.' : `Config applied, ${plural(steps, 'change')}.`;
  return { kind: 'config-applied', severity: 'notice', message, actor };
}

export function connectionsKilled(filter: ConnectionFilter, count: number, actor: string): EventDraft {
  const message = `By order, ${plural(count, 'connection')} reset (${filterWords(filter)}).`;
  const { pool, realServer, service } = filter;
  const about = { ...(pool && { pool }), ...(realServer && { realServer }), ...(service && { service }) };
  return { ...about, kind: 'connections-reset', severity: 'notice', message, actor };
}

/** e.g. `client 192.0.2.0/24, idle over 30m`; `all`. */
export function filterWords(filter: ConnectionFilter): string {
  const { pool, realServer, service, client, vip, port, idleOverMs, ageOverMs, id } = filter;
  const parts = [
    id !== undefined && `id ${id}`,
    pool !== undefined && `pool ${pool}`,
    realServer !== undefined && `server ${realServer}`,
    service !== undefined && `virtual service ${service}`,
    client !== undefined && `client ${client}`,
    vip !== undefined && `VIP ${vip}`,
    port !== undefined && `port ${port}`,
    idleOverMs !== undefined && `idle over ${durationText(idleOverMs)}`,
    ageOverMs !== undefined && `older than ${durationText(ageOverMs)}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'all' : parts.join(', ');
}

export function configRolledBack(number: number, steps: number, actor: string): EventDraft {
  const message = `Rolled back to config ${number}, ${steps === 0 ? 'no change' : plural(steps, 'change')}.`;
  return { kind: 'config-applied', severity: 'notice', message, actor };
}

export function configRejected(error: unknown, actor: string): EventDraft {
  const message = `Config rejected, everything goes on as before: ${wordsOf(error)}`;
  return { kind: 'config-rejected', severity: 'error', message, actor };
}

export function stateUnsaved(message: string): EventDraft {
  return { kind: 'state-unsaved', severity: 'warning', message, actor: 'file' };
}

export function planeFailed(error: unknown): EventDraft {
  const message = `The data plane did not take a change of health, trying again: ${wordsOf(error)}`;
  return { kind: 'plane-failed', severity: 'error', message, actor: 'health' };
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function about(standing: Standing): { pool: string; realServer: string } {
  return { pool: standing.pool.name, realServer: standing.server.name };
}

function inWords(count: PoolCount): string {
  return `${count.usable} of ${count.servers} usable`;
}

export function plural(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? '' : 's'}`;
}

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** As a config file would say it: `1h`, `90s`, `1500ms`. */
export function durationText(ms: number): string {
  const [unit, size] = UNITS.find(([, unitMs]) => ms > 0 && ms % unitMs === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

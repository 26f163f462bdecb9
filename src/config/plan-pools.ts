import { formatDuration } from '../model/duration.ts';
import type { EffectivePool, EffectiveServer, Fallback, HealthCheck } from '../model/effective.ts';
import { formatListen } from '../model/listen.ts';
import type { PlanStep } from '../state/contract.ts';
import { added, changed, limitText, pairUp, removed } from './plan-step.ts';

export function planPools(prev: readonly EffectivePool[], next: readonly EffectivePool[]): PlanStep[] {
  const pools = pairUp(prev, next, (p) => p.name);
  return [
    ...pools.added.flatMap(newPool),
    ...pools.kept.flatMap((pair) => changedPool(pair.prev, pair.next)),
    ...pools.removed.map((p) => removed(`pool ${p.name}`, serverNames(p), cutsOfPool(p))),
  ];
}

function newPool(pool: EffectivePool): PlanStep[] {
  const servers = pool.realServers.map((s) => added(`pool ${pool.name} / server ${s.name}`, serverText(s)));
  return [added(`pool ${pool.name}`, poolText(pool)), ...servers];
}

function changedPool(prev: EffectivePool, next: EffectivePool): PlanStep[] {
  const at = `pool ${next.name}`;
  const checks = pairUp(prev.healthChecks, next.healthChecks, checkName);
  const servers = pairUp(prev.realServers, next.realServers, (s) => s.name);
  return [
    ...changed(`${at} / profile`, prev.profile, next.profile),
    ...changed(`${at} / fqdn`, prev.fqdn, next.fqdn),
    ...changed(`${at} / onDown`, prev.onDown, next.onDown),
    ...changed(
      `${at} / drain / timeout`,
      formatDuration(prev.drain.timeoutMs),
      formatDuration(next.drain.timeoutMs),
    ),
    ...changed(
      `${at} / drain / keepPersistence`,
      String(prev.drain.keepPersistence),
      String(next.drain.keepPersistence),
    ),
    ...changed(`${at} / fallback`, fallbackText(prev.fallback), fallbackText(next.fallback)),
    ...checks.added.map((c) => added(`${at} / health check ${checkName(c)}`, checkText(c))),
    ...checks.kept.flatMap((c) =>
      changed(`${at} / health check ${checkName(c.next)}`, checkText(c.prev), checkText(c.next)),
    ),
    ...checks.removed.map((c) => removed(`${at} / health check ${checkName(c)}`, checkText(c), null)),
    ...servers.added.map((s) => added(`${at} / server ${s.name}`, serverText(s))),
    ...servers.kept.flatMap((s) => changedServer(next.name, s.prev, s.next)),
    ...servers.removed.map((s) => removeServer(next.name, s)),
  ];
}

/** Another address is another server: the old one goes with its connections, the new one starts unknown. */
function changedServer(pool: string, prev: EffectiveServer, next: EffectiveServer): PlanStep[] {
  const at = `pool ${pool} / server ${next.name}`;
  if (prev.address !== next.address) return [removeServer(pool, prev), added(at, serverText(next))];
  return [
    ...changed(`${at} / fqdn`, prev.fqdn, next.fqdn),
    ...changed(`${at} / weight`, String(prev.weight), String(next.weight)),
    ...changed(`${at} / maxConnections`, limitText(prev.maxConnections), limitText(next.maxConnections)),
    ...changed(`${at} / admin`, prev.admin, next.admin),
  ];
}

function removeServer(pool: string, server: EffectiveServer): PlanStep {
  const cuts = `all connections to ${pool}/${server.name} at ${server.address}`;
  return removed(`pool ${pool} / server ${server.name}`, serverText(server), cuts);
}

function cutsOfPool(pool: EffectivePool): string | null {
  const { fallback, realServers } = pool;
  return realServers.length === 0 && !fallback ? null : `all connections to servers of ${pool.name}`;
}

function serverNames(pool: EffectivePool): string {
  return pool.realServers.map((s) => s.name).join(', ') || 'no servers';
}

function poolText(pool: EffectivePool): string {
  const checks = pool.healthChecks.map(checkName).join(', ') || 'none';
  const fallback = pool.fallback ? `; fallback ${fallbackText(pool.fallback)}` : '';
  return `${pool.profile === null ? '' : `${pool.profile}; `}health checks ${checks}${fallback}`;
}

function serverText(server: EffectiveServer): string {
  const admin = server.admin === 'ready' ? '' : `, ${server.admin}`;
  const limit = server.maxConnections === 0 ? '' : `, at most ${limitText(server.maxConnections)}`;
  return `${server.address}, weight ${server.weight}${limit}${admin}`;
}

function fallbackText(fallback: Fallback | null): string | null {
  if (!fallback) return null;
  const { address, port } = fallback;
  return port === null ? address : formatListen({ host: address, port });
}

/** There is at most one of a type and port. */
function checkName(check: HealthCheck): string {
  return `${check.type} ${check.port}`;
}

function checkText(check: HealthCheck): string {
  const [interval, timeout] = [formatDuration(check.intervalMs), formatDuration(check.timeoutMs)];
  const pace = `interval ${interval}, timeout ${timeout}, rise ${check.rise}, fall ${check.fall}`;
  const wishes = { ...check.tls, ...check.http, ...check.sip };
  const told = Object.entries(wishes).filter(([, value]) => value !== null && value !== false && value !== 0);
  return [pace, ...told.map(([key, value]) => `${key} ${String(value)}`)].join(', ');
}

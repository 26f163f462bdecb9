/** Sections to pools: sections of one address with the same servers share a pool, so that a server has one verdict. */
import { canonicalAddress } from '../../model/address.ts';
import { serverPortOf } from './agree.ts';
import type { DraftCheck, DraftSection } from './draft.ts';
import { cleanName, commonName, uniqueName } from './names.ts';
import type { PlannedPool } from './plan.ts';
import type { Report } from './report.ts';

/** As the config's schema has it. */
const MOST_POOLS = 256;
const MOST_CHECKS = 32;

export interface Pooled {
  readonly section: DraftSection;
  readonly pool: PlannedPool;
}

interface Group {
  readonly pool: PlannedPool;
  readonly identity: string;
  readonly servers: string;
  readonly vips: Set<string>;
  readonly names: string[];
}

export function planPools(
  sections: readonly DraftSection[],
  merge: boolean,
  report: Report,
): { pools: PlannedPool[]; pooled: Pooled[] } {
  const groups: Group[] = [];
  const pooled: Pooled[] = [];
  for (const section of sections) {
    const [identity, servers] = [identityOf(section), addressesOf(section)];
    const group = groups.find((g) => g.identity === identity && canShare(g, section, merge)) ?? null;
    if (group) {
      join(group, section, report);
      pooled.push({ section, pool: group.pool });
      continue;
    }
    if (groups.length >= MOST_POOLS) {
      report.add(
        'missing',
        placeOf(section),
        `A config has at most ${MOST_POOLS} pools; the rest is left out.`,
      );
      continue;
    }
    if (merge) tellNearMiss(groups, section, servers, report);
    const made = newGroup(section, { identity, servers }, report);
    groups.push(made);
    pooled.push({ section, pool: made.pool });
  }
  const taken = new Set<string>();
  for (const { pool, names } of groups) pool.name = uniqueName(cleanName(commonName(names), 'pool'), taken);
  return { pools: groups.map((g) => g.pool), pooled };
}

/** The same backend of HAProxy is one pool even when asked to keep sections apart. */
function canShare(group: Group, section: DraftSection, merge: boolean): boolean {
  if (group.names.includes(section.poolName) && group.pool.lines.includes(section.servers[0]?.line ?? -1))
    return true;
  return merge && sharesVip(group, section);
}

function sharesVip(group: Group, section: DraftSection): boolean {
  return section.ports.some(({ vip }) => group.vips.has(vip ?? '*'));
}

function newGroup(
  section: DraftSection,
  { identity, servers }: Pick<Group, 'identity' | 'servers'>,
  report: Report,
): Group {
  const pool: PlannedPool = {
    name: '',
    label: section.label,
    lines: [section.line],
    servers: [],
    checks: [],
    fallback: section.fallback,
    onDown: section.onDown,
  };
  const taken = new Set<string>();
  for (const server of section.servers) {
    const name = uniqueName(cleanName(server.name, 'server'), taken);
    pool.servers.push({ ...server, name });
    pool.lines.push(server.line);
  }
  addChecks(pool, section, report);
  return {
    pool,
    identity,
    servers,
    vips: new Set(section.ports.map(({ vip }) => vip ?? '*')),
    names: [section.poolName],
  };
}

function join(group: Group, section: DraftSection, report: Report): void {
  const { pool } = group;
  const [first] = group.names;
  const own = section.servers.every((server) => pool.lines.includes(server.line));
  addChecks(pool, section, report);
  for (const { vip } of section.ports) group.vips.add(vip ?? '*');
  if (own) return;
  group.names.push(section.poolName);
  pool.lines.push(section.line);
  // A server that is watched elsewhere is the same there, with one limit.
  for (const server of section.servers.filter((s) => s.tracks !== true))
    raiseLimit(pool, canonicalAddress(server.address), server.maxConnections);
  report.add(
    'changed',
    placeOf(section),
    `Same address and same servers as \`${first}\` (line ${pool.lines[0]}): one pool, so one verdict for each server. One that ` +
      'fails a check of either gets no new connection on any of their ports.',
    { hint: 'Import with `--no-merge` to keep them apart.' },
  );
}

/** What the sections allowed apart, the pool allows in all. */
function raiseLimit(pool: PlannedPool, address: string, more: number): void {
  const at = pool.servers.findIndex((server) => canonicalAddress(server.address) === address);
  const server = pool.servers[at];
  if (!server) return;
  const maxConnections = server.maxConnections === 0 || more === 0 ? 0 : server.maxConnections + more;
  pool.servers[at] = { ...server, maxConnections };
}

function addChecks(pool: PlannedPool, section: DraftSection, report: Report): void {
  for (const check of section.checks) {
    const same = pool.checks.find((c) => c.type === check.type && c.port === check.port);
    if (same) {
      if (saysOtherwise(same, check)) {
        const message = `A ${check.type} check of port ${check.port} is there already (line ${same.line}), with other values; that one holds.`;
        report.add('changed', { ...placeOf(section), line: check.line }, message);
      }
      continue;
    }
    if (pool.checks.length < MOST_CHECKS) pool.checks.push(check);
    else report.add('missing', placeOf(section), `A pool has at most ${MOST_CHECKS} health checks.`);
  }
}

function saysOtherwise(a: DraftCheck, b: DraftCheck): boolean {
  return JSON.stringify({ ...a, line: 0 }) !== JSON.stringify({ ...b, line: 0 });
}

/** Same address, same servers, and yet not one pool: the reason is worth a word. */
function tellNearMiss(
  groups: readonly Group[],
  section: DraftSection,
  servers: string,
  report: Report,
): void {
  const near = groups.find((g) => g.servers === servers && sharesVip(g, section));
  if (!near || servers === '') return;
  const message =
    `Same address and servers as \`${near.names[0]}\` (line ${near.pool.lines[0]}), but with other weights, states, fallback or ` +
    'handling of a server that goes down: two pools, so a server has two verdicts.';
  const hint = 'Where a server is to be out on all ports at once, make them alike and import again.';
  report.add('remark', placeOf(section), message, { hint });
}

function identityOf(section: DraftSection): string {
  const servers = section.servers.map((s) => `${canonicalAddress(s.address)} ${s.weight ?? 1} ${s.admin}`);
  return JSON.stringify([servers.toSorted(), fallbackOf(section), section.onDown?.value ?? null]);
}

/** A fallback on the servers' own port is one on whatever port a service leads to. */
function fallbackOf({ fallback, servers, ports }: DraftSection): string {
  if (!fallback) return '';
  const { address, port } = fallback.value;
  const first = ports[0]?.first ?? 0;
  const plain = serverPortOf(port, first) === serverPortOf(servers[0]?.port ?? { kind: 'same' }, first);
  return `${canonicalAddress(address)} ${plain ? '' : JSON.stringify(port)}`;
}

function addressesOf(section: DraftSection): string {
  return section.servers
    .map((server) => canonicalAddress(server.address))
    .toSorted()
    .join(' ');
}

function placeOf(section: DraftSection) {
  return { line: section.line, section: section.label, text: section.label };
}

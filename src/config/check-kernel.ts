/** What only the kernel data plane does, and what it cannot do: both decide which plane runs, and what is refused. */
import { isIPv6 } from 'node:net';
import type { EffectiveConfig, EffectivePool, EffectiveService } from '../model/effective.ts';
import { isLoopback } from '../model/listen.ts';
import type { Path } from '../model/path.ts';
import { findProfile } from '../profiles/profiles.ts';
import { type PathProblem, problem } from './issues.ts';

export interface Obstacle {
  readonly path: Path;
  /** A sentence without its full stop that begins in lower case, for a line of reason. */
  readonly why: string;
  readonly instead: string;
}

/** What bpf/maps.h has room for. */
const MOST_SERVERS = 63;
const MOST_POOLS = 128;
const MOST_SOURCES = 64;
const MOST_RUNS = 64;
/** Numbers of a mark, which every server port behind another port of the VIP takes one of. */
const MOST_TRANSLATIONS = 65_534;

const PROXY = 'or write `dataPlane: proxy`.';

/** Errors: the kernel data plane is asked for, or needed, and cannot do the rest; or the proxy data plane is to. */
export function checkKernel(config: EffectiveConfig): PathProblem[] {
  const needs = kernelNeeds(config);
  if (config.dataPlane === 'proxy') {
    return needs.map(({ path, why, instead }) =>
      problem('CONFIG_NEEDS_KERNEL', path, 'value', `${sentence(why)} needs the kernel data plane.`, instead),
    );
  }
  if (config.dataPlane === 'auto' && needs.length === 0) return [];
  const [need] = needs;
  return kernelObstacles(config).map(({ path, why, instead }) => {
    const because = config.dataPlane === 'kernel' ? '' : `, which ${need?.why} needs`;
    const message = `Not for the kernel data plane${because}: ${why}.`;
    return problem(
      'CONFIG_KERNEL',
      path,
      'value',
      message,
      need ? instead.replace(`, ${PROXY}`, '.') : instead,
    );
  });
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What this config asks for that only the kernel data plane does; `why` is a noun. */
export function kernelNeeds({ topology, services, pools }: EffectiveConfig): Obstacle[] {
  const needs: Obstacle[] = [];
  const plane = 'Write `dataPlane: auto` or `dataPlane: kernel`';
  if (topology.mode === 'transparent') {
    const instead = `${plane}, or another \`mode\`.`;
    needs.push({ path: ['topology', 'mode'], why: 'the transparent topology', instead });
  }
  if (topology.mode === 'two-armed' && topology.routing) {
    const instead = `${plane}, or \`routing: false\`.`;
    needs.push({ path: ['topology', 'routing'], why: 'routing between the networks', instead });
  }
  for (const [i, { nat, pool }] of services.entries()) {
    if (nat === 'full') continue;
    const why = nat === 'half' ? 'half-NAT' : 'direct server return';
    const profile = findProfile(pools.find((p) => p.name === pool)?.profile ?? '');
    const instead = profile?.refusedNat?.full ? `${plane}.` : `${plane}, or \`nat: full\`.`;
    needs.push({ path: ['virtualServices', i, 'nat'], why, instead });
  }
  return needs;
}

/** Why the kernel data plane cannot do this config, on any machine; empty where it can. */
export function kernelObstacles(config: EffectiveConfig): Obstacle[] {
  return [
    ...withoutInterface(config),
    ...loopback(config),
    ...families(config),
    ...sizes(config),
    ...mappedPorts(config),
    ...runsOfPorts(config),
  ];
}

function withoutInterface({ topology, services }: EffectiveConfig): Obstacle[] {
  if (topology.mode !== 'one-armed' || topology.interface !== null || services.some((s) => isLoopback(s.vip)))
    return [];
  const instead = `Write \`topology: { interface: eth0 }\` with the name of yours, ${PROXY}`;
  return [{ path: ['dataPlane'], why: 'no topology.interface is given', instead }];
}

function loopback({ services, pools }: EffectiveConfig): Obstacle[] {
  const instead = `Write an address of a network, ${PROXY}`;
  return [
    ...services.flatMap(({ vip }, i) =>
      isLoopback(vip) ? [{ path: ['virtualServices', i, 'vip'], why: onLoopback(vip), instead }] : [],
    ),
    ...pools.flatMap(({ realServers, fallback }, i) => [
      ...realServers.flatMap(({ address }, n) =>
        isLoopback(address)
          ? [{ path: ['pools', i, 'realServers', n, 'address'], why: onLoopback(address), instead }]
          : [],
      ),
      ...(fallback && isLoopback(fallback.address)
        ? [{ path: ['pools', i, 'fallback', 'address'], why: onLoopback(fallback.address), instead }]
        : []),
    ]),
  ];
}

function onLoopback(address: string): string {
  return `${address} is a loopback address`;
}

/** Each place of a server once, though several services may lead there. */
function families({ services, pools }: EffectiveConfig): Obstacle[] {
  const found = new Map<string, Obstacle>();
  for (const { vip, pool: name } of services) {
    const i = pools.findIndex((pool) => pool.name === name);
    for (const { address, path } of endsOf(pools[i], i)) {
      if (isIPv6(address) === isIPv6(vip)) continue;
      const why = `the VIP ${vip} and the server ${address} are of different families`;
      const instead = `Give the VIP servers of its family, ${PROXY}`;
      found.set(path.join('.'), { path, why, instead });
    }
  }
  return [...found.values()];
}

function endsOf(pool: EffectivePool | undefined, i: number): { address: string; path: Path }[] {
  if (!pool) return [];
  const servers = pool.realServers.map(({ address }, n) => ({
    address,
    path: ['pools', i, 'realServers', n, 'address'] as const,
  }));
  const { fallback } = pool;
  return fallback
    ? [...servers, { address: fallback.address, path: ['pools', i, 'fallback', 'address'] }]
    : servers;
}

function sizes({ pools, services }: EffectiveConfig): Obstacle[] {
  const obstacles: Obstacle[] = [];
  if (pools.length > MOST_POOLS) {
    const why = `there are ${pools.length} pools, and ${MOST_POOLS} are the most`;
    obstacles.push({
      path: ['pools', MOST_POOLS],
      why,
      instead: `Leave out those that nothing uses, ${PROXY}`,
    });
  }
  for (const [i, { name, realServers }] of pools.entries()) {
    if (realServers.length <= MOST_SERVERS) continue;
    const why = `the pool ${name} has ${realServers.length} real servers, and ${MOST_SERVERS} are the most`;
    const path = ['pools', i, 'realServers', MOST_SERVERS];
    obstacles.push({ path, why, instead: `Divide it into several pools, ${PROXY}` });
  }
  for (const [i, { name, snat }] of services.entries()) {
    const count = snat?.addresses.length ?? 0;
    if (count <= MOST_SOURCES) continue;
    const why = `the SNAT pool of ${name} has ${count} addresses, and ${MOST_SOURCES} are the most`;
    obstacles.push({ path: ['virtualServices', i, 'snatPool'], why, instead: `Write fewer, ${PROXY}` });
  }
  return obstacles;
}

/**
 * Every server and fallback takes a translation, and another one for each port that it has under another number than the
 * VIP.
 */
function mappedPorts({ services, pools }: EffectiveConfig): Obstacle[] {
  const plain = new Set(pools.flatMap((pool) => endsOf(pool, 0).map(({ address }) => address))).size;
  let total = plain;
  const terms: string[] = [];
  for (const [i, service] of services.entries()) {
    const mapped = mappedCount(service);
    if (mapped === 0) continue;
    const pool = pools.find((p) => p.name === service.pool);
    const ends = (pool?.realServers.length ?? 0) + (pool?.fallback ? 1 : 0);
    total += mapped * ends;
    terms.push(`${mapped} ports × ${ends} servers`);
    if (total <= MOST_TRANSLATIONS) continue;
    const why = `servers and mapped ports need ${plain} + ${terms.join(' + ')} = ${total} translations, and ${MOST_TRANSLATIONS} are the most`;
    const instead = `Let long ranges have the same ports on the servers, ${PROXY}`;
    return [{ path: ['virtualServices', i, 'ports'], why, instead }];
  }
  return [];
}

function mappedCount({ ports }: EffectiveService): number {
  return ports
    .filter(({ first, serverFirst }) => first !== serverFirst)
    .reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** Neighbouring ports of one service are one run. */
function runsOfPorts({ services }: EffectiveConfig): Obstacle[] {
  const spans = services.flatMap(({ vip, ports }, service) =>
    ports.map((range) => ({ ...range, service, key: `${range.protocol} ${vip}` })),
  );
  const sorted = spans.toSorted((a, b) => a.first - b.first);
  const last = new Map<string, (typeof spans)[number]>();
  const runs = new Map<string, number>();
  for (const span of sorted) {
    const before = last.get(span.key);
    const joins =
      before?.service === span.service &&
      before.last + 1 === span.first &&
      before.serverFirst - before.first === span.serverFirst - span.first;
    last.set(span.key, span);
    if (joins) continue;
    const count = (runs.get(span.key) ?? 0) + 1;
    runs.set(span.key, count);
    if (count <= MOST_RUNS) continue;
    const [protocol, vip] = span.key.split(' ');
    const why = `${vip} has more than ${MOST_RUNS} runs of ${protocol?.toUpperCase()} ports`;
    const instead = `Write neighbouring ports as ranges, move a service to another VIP, ${PROXY}`;
    return [{ path: ['virtualServices', span.service, 'ports'], why, instead }];
  }
  return [];
}

/** From what is desired, and the numbers of its names, to what stands in the kernel's maps and in our table. Pure. */
import type { Protocol } from '../../../model/effective.ts';
import { addressBytes, familyOf } from '../../../network/family.ts';
import { serverIdentity } from '../../../scheduler/identity.ts';
import { type Candidate, maglevTable } from '../../../scheduler/maglev.ts';
import type { SchedulerName } from '../../../scheduler/names.ts';
import type { DesiredState, PlanePool, PlaneService, PlaneSnat } from '../../dataplane.ts';
import { addressWords as words } from '../../proxy/guard/client-address.ts';
import type { Value } from '../bpf/codec.ts';
import type { Source, Target, TranslatedPorts } from '../nat/translation.ts';
import { PoolgateError } from '../../../lib/errors.ts';
import { Mapped, rangeKey } from './mapped.ts';
import { FALLBACK_POSITION, type Numbers, tooMany, type Wanted } from './numbers.ts';
import { runsOf, type VipRuns } from './ranges.ts';
import { portsOfShortWay, type ShortWay } from './short-way.ts';

/** enum scheduler of bpf/maps.h. */
const SCHEDULERS: Record<SchedulerName, number> = { rr: 0, wrr: 1, lc: 2, wlc: 3, sh: 4, mh: 5 };
const PROTOCOLS: Record<Protocol, number> = { tcp: 6, udp: 17 };
const SELECTABLE = 1;
const FOR_KNOWN_CLIENTS = 2;
const MAX_SOURCES = 64;
const NS_PER_MS = 1_000_000n;

/** Where connections of a service come from, when its settings leave that to the system. */
export type DefaultSource = (service: string) => PlaneSnat;
/** Down, and conntrack has no half-open connection to it any more. */
export type IsLost = (pool: string, server: string) => boolean;

export interface Rendering {
  /** Keys are texts of the map's key, so that what is there no more can be taken out. */
  readonly vips: ReadonlyMap<string, Entry>;
  readonly mappedTargets: ReadonlyMap<string, Entry>;
  /** By their number. */
  readonly pools: ReadonlyMap<number, Value>;
  readonly services: ReadonlyMap<number, Value>;
  readonly maglevs: ReadonlyMap<number, readonly Candidate[]>;
  /** By their number. */
  readonly sourceAddresses: ReadonlyMap<number, Value>;
  readonly targets: readonly Target[];
  readonly sources: readonly Source[];
  readonly translated: readonly TranslatedPorts[];
}

export interface Entry {
  readonly key: Value;
  readonly value: Value;
}

/** What the state wants to have numbers for. */
export function wantedNumbers(state: DesiredState, defaultSource: DefaultSource): Wanted {
  const targets = new Set<string>();
  const ranges = new Set<string>();
  for (const pool of state.pools) {
    for (const { address } of pool.servers) targets.add(targetKey(address, null));
    if (pool.fallback) targets.add(targetKey(pool.fallback.address, pool.fallback.port));
  }
  const mapped = new Mapped(state);
  for (const { key, entries } of mapped.all()) {
    ranges.add(key);
    for (const { address, port } of entries) targets.add(targetKey(address, port));
  }
  const sources = state.services.flatMap((service) => sourceKeys(service, defaultSource));
  return { targets, ranges, sources };
}

export function render(
  state: DesiredState,
  numbers: Numbers,
  defaultSource: DefaultSource,
  shortWay: ShortWay,
  isLost: IsLost = () => false,
): Rendering {
  const runs = runsOf(state);
  return {
    vips: renderVips(runs, numbers),
    mappedTargets: renderMapped(state, numbers),
    pools: new Map(
      state.pools.map((pool) => [poolId(numbers, pool.name), renderPool(pool, numbers, isLost)]),
    ),
    services: new Map(
      state.services.map((s) => [
        need(numbers.services, s.name),
        renderService(s, numbers, defaultSource, shortWay),
      ]),
    ),
    maglevs: renderMaglevs(state, numbers),
    sourceAddresses: new Map(
      [...numbers.sources.of].map(([key, number]) => [number, sourceValue(readSource(key), shortWay)]),
    ),
    targets: [...numbers.targets.of].map(([key, number]) => ({ number, ...readTarget(key) })),
    sources: [...numbers.sources.of].map(([key, number]) => ({ number, ...readSource(key) })),
    translated: runs.flatMap(({ vip, protocol, runs: ports }) =>
      ports.map(({ first, last, service }) => ({
        vip,
        protocol,
        ports: { first, last },
        idleS: idleSeconds(state, service, protocol),
      })),
    ),
  };
}

function renderVips(all: readonly VipRuns[], numbers: Numbers): Map<string, Entry> {
  return new Map(
    all.map(({ vip, protocol, runs }) => [
      `${protocol} ${vip}`,
      {
        key: { vip: addressValue(vip), protocol: PROTOCOLS[protocol] },
        value: {
          count: runs.length,
          ranges: runs.map((run) => ({
            first: run.first,
            last: run.last,
            service: need(numbers.services, run.service),
            mapped: run.shift === 0 ? 0 : need(numbers.ranges.of, rangeKey(vip, protocol, run)),
          })),
        },
      },
    ]),
  );
}

function renderPool(pool: PlanePool, numbers: Numbers, isLost: IsLost): Value {
  const ids = need(numbers.pools, pool.name);
  const servers: Record<string, Value>[] = Array.from({ length: FALLBACK_POSITION + 1 }, () => ({}));
  let count = 0;
  for (const server of pool.servers) {
    const { position, generation } = need(ids.servers, server.name);
    count = Math.max(count, position + 1);
    servers[position] = {
      weight: server.weight,
      selectable: (server.selectable ? SELECTABLE : 0) | (server.keepsClients ? FOR_KNOWN_CLIENTS : 0),
      max_connections: server.maxConnections,
      target: need(numbers.targets.of, targetKey(server.address, null)),
      generation,
      identity: serverIdentity(words(server.address)) >>> 0,
      lost: isLost(pool.name, server.name) ? 1 : 0,
      address: addressValue(server.address),
    };
  }
  if (pool.fallback) {
    const { address, port } = pool.fallback;
    const target = need(numbers.targets.of, targetKey(address, port));
    servers[FALLBACK_POSITION] = {
      weight: 1,
      selectable: SELECTABLE,
      target,
      address: addressValue(address),
      port: port ?? 0,
    };
  }
  return { count, servers };
}

function renderService(
  service: PlaneService,
  numbers: Numbers,
  defaultSource: DefaultSource,
  shortWay: ShortWay,
): Value {
  const { settings } = service;
  const keys = sourceKeys(service, defaultSource);
  const sources = keys.map((key) => need(numbers.sources.of, key));
  if (sources.length > MAX_SOURCES) throw tooMany(MAX_SOURCES, `SNAT addresses of one virtual service`);
  return {
    pool: poolId(numbers, settings.pool),
    scheduler: SCHEDULERS[settings.scheduler],
    max_connections: settings.maxConnections,
    direct: settings.nat === 'none' ? 1 : 0,
    short_way: mayGoShort(settings.nat, keys, shortWay) ? 1 : 0,
    source_count: sources.length,
    sources,
    connections_per_source: settings.connectionsPerSource,
    new_per_second_per_source: settings.newConnectionsPerSecondPerSource,
    idle_ns: BigInt(settings.idleTimeoutMs) * NS_PER_MS,
    connecting_ns: BigInt(settings.connectTimeoutMs) * NS_PER_MS,
    udp_idle_ns: BigInt(settings.udpIdleMs) * NS_PER_MS,
    persistence_ns: settings.persistenceEntries > 0 ? BigInt(settings.persistenceTimeoutMs) * NS_PER_MS : 0n,
  };
}

/** All servers with a share, usable or not, as in the proxy plane: so a client's server is the same in both. */
function renderMaglevs(state: DesiredState, numbers: Numbers): Map<number, readonly Candidate[]> {
  const hashed = new Set(
    state.services.filter((s) => s.settings.scheduler === 'mh').map((s) => s.settings.pool),
  );
  const pools = state.pools.filter(({ name }) => hashed.has(name));
  return new Map(
    pools.map((pool) => [
      poolId(numbers, pool.name),
      pool.servers
        .filter(({ weight }) => weight > 0)
        .map(({ name, address, weight }) => ({
          position: need(need(numbers.pools, pool.name).servers, name).position,
          identity: serverIdentity(words(address)),
          weight,
        }))
        .sort((a, b) => a.position - b.position),
    ]),
  );
}

/** The table of one pool, as its map wants it. */
export function maglevValue(candidates: readonly Candidate[]): Value {
  return { servers: [...maglevTable(candidates)] };
}

function renderMapped(state: DesiredState, numbers: Numbers): Map<string, Entry> {
  const found = new Map<string, Entry>();
  for (const { key, pool, entries } of new Mapped(state).all()) {
    const range = need(numbers.ranges.of, key);
    for (const { server, offset, address, port } of entries) {
      const position =
        server === null ? FALLBACK_POSITION : need(need(numbers.pools, pool).servers, server).position;
      found.set(`${range} ${position} ${offset}`, {
        key: { range, server: position, offset },
        value: { number: need(numbers.targets.of, targetKey(address, port)), port },
      });
    }
  }
  return found;
}

export function targetKey(address: string, port: number | null): string {
  return port === null ? address : `${address} ${port}`;
}

function readTarget(key: string): { address: string; port: number | null } {
  const [address = '', port] = key.split(' ');
  return { address, port: port === undefined ? null : Number(port) };
}

/** Addresses of the VIP's family; with half-NAT and direct return there are none. */
function sourceKeys({ name, settings, ports }: PlaneService, defaultSource: DefaultSource): string[] {
  const [port] = ports;
  if (settings.nat !== 'full' || !port) return [];
  const { addresses, ports: range } = settings.snat ?? defaultSource(name);
  const family = familyOf(port.vip);
  const own = addresses.filter((address) => familyOf(address) === family);
  if (own.length === 0) {
    throw new PoolgateError('ADDRESS_MISSING', `virtual service ${name} has no address to come from`, {
      hint: 'Give its snatPool an address of the same family as its VIP and its servers.',
    });
  }
  return own.map((address) => (range ? `${address} ${range.first} ${range.last}` : address));
}

function readSource(key: string): Omit<Source, 'number'> {
  const [address = '', first, last] = key.split(' ');
  return {
    address,
    ports: first === undefined ? null : { first: Number(first), last: Number(last) },
  };
}

function sourceValue(source: Omit<Source, 'number'>, shortWay: ShortWay): Value {
  const ports = portsOfShortWay(source, shortWay);
  return {
    address: addressValue(source.address),
    first_port: ports?.first ?? 0,
    last_port: ports?.last ?? 0,
  };
}

/** Whether the programs may translate its TCP connections. */
function mayGoShort(
  nat: PlaneService['settings']['nat'],
  sources: readonly string[],
  shortWay: ShortWay,
): boolean {
  return (
    nat !== 'none' &&
    shortWay.isOpen &&
    sources.every((key) => portsOfShortWay(readSource(key), shortWay) !== null)
  );
}

function idleSeconds(state: DesiredState, service: string, protocol: Protocol): number {
  const settings = state.services.find((s) => s.name === service)?.settings;
  if (!settings) return 1;
  return Math.max(1, (protocol === 'udp' ? settings.udpIdleMs : settings.idleTimeoutMs) / 1000);
}

/** IPv4 mapped into IPv6, in network byte order, as the programs have all addresses. */
export function addressValue(address: string): { readonly words: number[] } {
  const bytes = addressBytes(address);
  const all =
    bytes.length === 16
      ? bytes
      : Uint8Array.from([...Array.from({ length: 10 }, () => 0), 255, 255, ...bytes]);
  const view = new DataView(all.buffer);
  return { words: [0, 4, 8, 12].map((at) => view.getUint32(at, true)) };
}

function poolId(numbers: Numbers, pool: string): number {
  return need(numbers.pools, pool).id;
}

function need<V>(map: ReadonlyMap<string, V>, key: string): V {
  const value = map.get(key);
  if (value === undefined) throw new PoolgateError('INTERNAL', `${key} has no number`);
  return value;
}

import { PoolgateError } from '../../lib/errors.ts';
import { portKey } from '../apply-changes.ts';
import type { PlaneFallback, PlanePort, PlaneServer, PlaneServiceSettings } from '../dataplane.ts';
import type { GuardTables } from './guard/tables.ts';
import {
  FALLBACK_POSITION,
  MAX_POOLS,
  MAX_PORTS,
  MAX_SOURCES,
  MAX_SERVERS_PER_POOL,
  MAX_SERVICES,
  serverId,
} from './common-state.ts';

export interface PoolEntry {
  readonly id: number;
  readonly servers: ReadonlyMap<string, ServerEntry>;
  readonly fallback: PlaneFallback | null;
}

export interface ServerEntry {
  readonly id: number;
  readonly position: number;
  readonly server: PlaneServer;
}

export interface ServiceEntry {
  readonly id: number;
  readonly settings: PlaneServiceSettings;
  /** What its guard remembers by; null where it has none. */
  readonly tables: GuardTables | null;
}

export interface PortEntry {
  readonly id: number;
  readonly service: string;
  readonly port: PlanePort;
  readonly serving: boolean;
}

/** How the fallback of a pool is called where servers are named; no server's name may end in a colon. */
export const FALLBACK_NAME = 'fallback:';

/** Which number stands for which name. Copied before it is changed, so that a failed change leaves no trace. */
export class Names {
  readonly pools: Map<string, PoolEntry>;
  readonly services: Map<string, ServiceEntry>;
  /** By `portKey`. */
  readonly ports: Map<string, PortEntry>;
  /**
   * SNAT addresses that were ever used. All copies share it and nothing is taken out: an open connection may outlive the
   * service that had the address.
   */
  readonly sources: Map<string, number>;
  /** Numbers that were freed in this copy; not given out again before the workers have let go of them. */
  private readonly retired = {
    pool: new Set<number>(),
    server: new Set<number>(),
    service: new Set<number>(),
    port: new Set<number>(),
  };
  /** Made at the first port that this copy adds: a range of ten thousand must not look for each from the start. */
  private freePorts: Generator<number, undefined> | null = null;

  constructor(from?: Names) {
    this.pools = new Map(from?.pools);
    this.services = new Map(from?.services);
    this.ports = new Map(from?.ports);
    this.sources = from?.sources ?? new Map();
  }

  pool(name: string): PoolEntry {
    return known(this.pools.get(name), `pool ${name}`);
  }

  service(name: string): ServiceEntry {
    return known(this.services.get(name), `virtual service ${name}`);
  }

  server(pool: string, name: string): ServerEntry {
    return known(this.pool(pool).servers.get(name), `server ${pool}/${name}`);
  }

  addPool(name: string): PoolEntry {
    const id = lowestFree(this.pools.values(), this.retired.pool, MAX_POOLS, 'pools');
    const entry = { id, servers: new Map(), fallback: null };
    this.pools.set(name, entry);
    return entry;
  }

  removePool(name: string): PoolEntry {
    const entry = this.pool(name);
    this.retired.pool.add(entry.id);
    this.pools.delete(name);
    return entry;
  }

  setFallback(name: string, fallback: PlaneFallback | null): PoolEntry {
    const entry = { ...this.pool(name), fallback };
    this.pools.set(name, entry);
    return entry;
  }

  addServer(poolName: string, server: PlaneServer): ServerEntry {
    const pool = this.pool(poolName);
    const positions = [...pool.servers.values()].map((s) => ({ id: s.position }));
    const retired = new Set([...this.retired.server].map((id) => id - serverId(pool.id, 0)));
    if (positions.length >= MAX_SERVERS_PER_POOL)
      throw tooMany(MAX_SERVERS_PER_POOL, `servers in pool ${poolName}`);
    const position = lowestFree(positions, retired, FALLBACK_POSITION, `servers in pool ${poolName}`);
    const entry = { id: serverId(pool.id, position), position, server };
    this.pools.set(poolName, { ...pool, servers: new Map(pool.servers).set(server.name, entry) });
    return entry;
  }

  updateServer(poolName: string, server: PlaneServer): ServerEntry {
    const entry = { ...this.server(poolName, server.name), server };
    const pool = this.pool(poolName);
    this.pools.set(poolName, { ...pool, servers: new Map(pool.servers).set(server.name, entry) });
    return entry;
  }

  removeServer(poolName: string, name: string): ServerEntry {
    const entry = this.server(poolName, name);
    const pool = this.pool(poolName);
    const servers = new Map(pool.servers);
    servers.delete(name);
    this.pools.set(poolName, { ...pool, servers });
    this.retired.server.add(entry.id);
    return entry;
  }

  setService(name: string, settings: PlaneServiceSettings, tables: GuardTables | null): ServiceEntry {
    const id =
      this.services.get(name)?.id ??
      lowestFree(this.services.values(), this.retired.service, MAX_SERVICES, 'virtual services');
    const entry = { id, settings, tables };
    this.services.set(name, entry);
    return entry;
  }

  removeService(name: string): ServiceEntry {
    const entry = this.service(name);
    this.retired.service.add(entry.id);
    this.services.delete(name);
    return entry;
  }

  sourceId(address: string): number {
    const id = this.sources.get(address) ?? this.sources.size;
    if (id >= MAX_SOURCES) throw tooMany(MAX_SOURCES, 'different SNAT addresses from one start to the next');
    this.sources.set(address, id);
    return id;
  }

  addPort(service: string, port: PlanePort): PortEntry {
    this.freePorts ??= freeIds(this.ports.values(), this.retired.port, MAX_PORTS);
    const { value: id } = this.freePorts.next();
    if (id === undefined) throw tooMany(MAX_PORTS, 'ports');
    const entry = { id, service, port, serving: false };
    this.ports.set(portKey(port), entry);
    return entry;
  }

  updatePort(port: PlanePort): PortEntry {
    const entry = { ...known(this.ports.get(portKey(port)), `port ${portKey(port)}`), port };
    this.ports.set(portKey(port), entry);
    return entry;
  }

  removePort(port: PlanePort): PortEntry {
    const entry = known(this.ports.get(portKey(port)), `port ${portKey(port)}`);
    this.retired.port.add(entry.id);
    this.ports.delete(portKey(port));
    return entry;
  }
}

/** The server ids of a pool with the names they have, its fallback's included. */
export function serverNames(pool: PoolEntry): [id: number, name: string][] {
  const servers = [...pool.servers].map(([name, { id }]): [number, string] => [id, name]);
  return [...servers, [serverId(pool.id, FALLBACK_POSITION), FALLBACK_NAME]];
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new PoolgateError('INTERNAL', `the data plane knows no ${what}`);
  return found;
}

function lowestFree(
  taken: Iterable<{ id: number }>,
  retired: ReadonlySet<number>,
  limit: number,
  what: string,
): number {
  const { value } = freeIds(taken, retired, limit).next();
  if (value === undefined) throw tooMany(limit, what);
  return value;
}

/** Rising numbers that are not taken when this is called, and not retired when they are asked for. */
function* freeIds(
  taken: Iterable<{ id: number }>,
  retired: ReadonlySet<number>,
  limit: number,
): Generator<number, undefined> {
  const used = new Set<number>();
  for (const { id } of taken) used.add(id);
  for (let id = 0; id < limit; id++) if (!used.has(id) && !retired.has(id)) yield id;
}

/** A config that is larger than the tables of the data plane. */
export function tooMany(limit: number, what: string): PoolgateError {
  return new PoolgateError('TOO_LARGE_FOR_MACHINE', `the proxy data plane holds at most ${limit} ${what}`);
}

/**
 * The seam between deciding and moving bytes. Everything above it thinks in names and desired states; a data plane
 * makes its running state equal to what it is told, counts, and forwards. Every implementation passes
 * dataplane.contract.ts.
 */
import type { Protocol } from '../model/effective.ts';
import type { SchedulerName } from '../scheduler/names.ts';

export interface DataPlane {
  readonly name: 'proxy' | 'kernel' | 'fake';

  /** Whether it goes on with connections of an earlier process; absent where connections end with their process. */
  readonly adopted?: boolean;

  /**
   * Servers that an earlier process sent connections to, as `POOL/SERVER@ADDRESS`, where this plane goes on with what it
   * left: they are usable until a check says otherwise, so that nobody is refused meanwhile.
   */
  readonly servedBefore?: ReadonlySet<string>;

  /** Why this machine loses packets of new connections just now, its own checks' too; null: it does not. */
  losesPackets?(): string | null;

  /**
   * Applies the changes in the order given, all or none: whatever can fail (binding a port, room in a table) is done
   * first, and a failure leaves traffic as it was. Connections that the changes do not concern are not touched.
   * @throws PoolgateError ADDRESS_IN_USE, ADDRESS_MISSING, ADDRESS_FORBIDDEN, TOO_LARGE_FOR_MACHINE, SYSTEM
   */
  apply(changes: readonly Change[]): Promise<void>;

  /** Running totals since start; cheap (no message to the workers). */
  counters(): PlaneCounters;

  /** Open connections, newest last; `limit` bounds the list (default 1000). */
  connections(filter?: ConnectionFilter): Promise<Connection[]>;

  /** Which source addresses of SNAT pools are in use, and how much; those not in use are left out. */
  sourceUse(): Promise<SourceUse[]>;

  /** The system's range of source ports, of those SNAT pools that name none (ip_local_port_range, ip(7)). */
  systemPorts(): { readonly first: number; readonly last: number };

  /** Resets both ends of the connections that match, and ends UDP flows; resolves to how many there were. */
  reset(selector: ConnectionFilter): Promise<number>;

  /**
   * Stops accepting, waits up to `timeoutMs` for open connections to end, resets the rest, frees everything.
   * Safe to call twice.
   */
  close(timeoutMs: number): Promise<void>;
}

export interface PlaneServer {
  readonly name: string;
  readonly address: string;
  /** 1 to 65535 for a selectable server. */
  readonly weight: number;
  /** May be given new connections (health, administrative state and weight together say so). */
  readonly selectable: boolean;
  /** Not selectable, but clients that persistence sends there still come (a drain that keeps them). */
  readonly keepsClients: boolean;
  /** Connections that it may hold, over all services; 0: no limit. At the limit the next server is chosen. */
  readonly maxConnections: number;
}

export interface PlaneFallback {
  readonly address: string;
  readonly port: number | null;
}

export interface PlanePort {
  readonly vip: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly serverPort: number;
}

export type NatMode = 'full' | 'half' | 'none';

export interface PlaneServiceSettings {
  readonly pool: string;
  readonly scheduler: SchedulerName;
  /** Try once more on another server when a connect is refused or times out. */
  readonly redispatch: boolean;
  /**
   * Which addresses are rewritten: both ends, the destination only (`half`), or none (direct return: servers have the VIP
   * themselves and answer past us). The proxy plane does `full` only.
   */
  readonly nat: NatMode;
  /** Where connections to servers come from; null: the system chooses by its routes. */
  readonly snat: PlaneSnat | null;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** A UDP flow without a datagram either way for this long ends, and nobody is told. */
  readonly udpIdleMs: number;
  /** Clients by their address, so many at most, come back to the same server; 0: no persistence. */
  readonly persistenceEntries: number;
  /** How long a client is known after its last connection. */
  readonly persistenceTimeoutMs: number;
  /** Connections that the service may hold; 0: no limit. */
  readonly maxConnections: number;
  /** Connections that one source may hold, and may open in a second; 0: no limit. */
  readonly connectionsPerSource: number;
  readonly newConnectionsPerSecondPerSource: number;
}

export interface PlaneSnat {
  /** Of this machine; IPv4 ones for IPv4 servers, IPv6 ones for IPv6 servers. */
  readonly addresses: readonly string[];
  /** Null: the system's own range (ip_local_port_range). */
  readonly ports: { readonly first: number; readonly last: number } | null;
}

export interface PlaneService {
  readonly name: string;
  readonly settings: PlaneServiceSettings;
  readonly ports: readonly PlanePort[];
}

export interface PlanePool {
  readonly name: string;
  readonly servers: readonly PlaneServer[];
  readonly fallback: PlaneFallback | null;
}

/** All that a data plane is to do; a pure function of config, administrative state and health. */
export interface DesiredState {
  readonly pools: readonly PlanePool[];
  readonly services: readonly PlaneService[];
}

export const EMPTY_STATE: DesiredState = { pools: [], services: [] };

/** One step from a desired state to the next. Servers are named by pool and name. */
export type Change =
  | { readonly kind: 'add-pool'; readonly pool: string }
  | { readonly kind: 'add-server'; readonly pool: string; readonly server: PlaneServer }
  | { readonly kind: 'update-server'; readonly pool: string; readonly server: PlaneServer }
  | { readonly kind: 'set-fallback'; readonly pool: string; readonly fallback: PlaneFallback | null }
  | { readonly kind: 'add-service'; readonly service: string; readonly settings: PlaneServiceSettings }
  | { readonly kind: 'update-service'; readonly service: string; readonly settings: PlaneServiceSettings }
  | { readonly kind: 'add-port'; readonly service: string; readonly port: PlanePort }
  /** New connections go to another server port; open ones stay. */
  | { readonly kind: 'update-port'; readonly service: string; readonly port: PlanePort }
  /** Resets the connections that came in by this port. */
  | { readonly kind: 'remove-port'; readonly service: string; readonly port: PlanePort }
  /** Its ports are removed first. */
  | { readonly kind: 'remove-service'; readonly service: string }
  /** Resets the connections to this server. */
  | { readonly kind: 'remove-server'; readonly pool: string; readonly server: string }
  /** Its servers are removed first, and no service refers to it any more. */
  | { readonly kind: 'remove-pool'; readonly pool: string };

export interface ServerCounters {
  /** Connections that hold this server now, over all services and ports, those still connecting included. */
  readonly active: number;
  /** Connections given to this server. */
  readonly total: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Connects that were refused or unreachable. */
  readonly connectErrors: number;
  readonly connectTimeouts: number;
  /** Connections that this server could not take and another one did or was asked to. */
  readonly redispatches: number;
  /** Connections that found no source port left for this server in the whole SNAT pool. */
  readonly sourceShortages: number;
  readonly idleExpired: number;
  /** Connections that ended by a reset from the server. */
  readonly serverResets: number;
  /** Connections that ended by a reset from the client. */
  readonly clientResets: number;
}

export interface PortCounters {
  readonly service: string;
  readonly vip: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly active: number;
  readonly total: number;
  /**
   * Connections turned away by a reset: no usable server, no server took it, no room, or a limit. Of a UDP port: datagrams
   * dropped because no flow could be opened for them, for the same reasons.
   */
  readonly refused: number;
  /** Of those, the ones turned away because every usable server was at its limit of connections, */
  readonly atServerLimits: number;
  /** because the service was at its own, */
  readonly atServiceLimit: number;
  /** because their source was at its own, */
  readonly atSourceLimit: number;
  /** and because their source opened connections too fast. */
  readonly atSourceRate: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Of a virtual service with persistence. */
export interface PersistenceCounters {
  /** Clients that are known now. */
  readonly entries: number;
  readonly maxEntries: number;
  /** Clients that were forgotten before their time, because the table was full. */
  readonly evicted: number;
  /** Connections whose client could not be kept, because the table was full of clients with connections. */
  readonly notKept: number;
}

export interface PlaneCounters {
  /** By `POOL/SERVER`; a pool's fallback is `POOL/fallback:` and can so not be a server's name. */
  readonly servers: ReadonlyMap<string, ServerCounters>;
  readonly ports: readonly PortCounters[];
  /** By virtual service; only those with persistence. */
  readonly persistence: ReadonlyMap<string, PersistenceCounters>;
  readonly workers: number;
  /** Connections that the plane can hold at once. */
  readonly capacity: number;
  /** Entries of the kernel's table of connections, which all of this machine share; null where the plane needs none. */
  readonly tracked: { readonly used: number; readonly limit: number } | null;
}

/** Connections from one source address to one port of one server: each takes a source port of that destination. */
export interface SourceUse {
  readonly address: string;
  /** UDP: flows; each takes a port of the address whatever its destination. */
  readonly protocol: Protocol;
  readonly pool: string;
  /** The server's name; `fallback:` for the pool's fallback. */
  readonly realServer: string;
  readonly port: number;
  readonly used: number;
}

/** All parts that are given must fit; without parts it is every connection. */
export interface ConnectionFilter {
  readonly id?: string;
  /** An address, or a network as `192.0.2.0/24`. */
  readonly client?: string;
  /** The VIP's address. */
  readonly vip?: string;
  /** The VIP's port, of either protocol. */
  readonly port?: number;
  /** No payload for longer than this, either way. */
  readonly idleOverMs?: number;
  readonly ageOverMs?: number;
  readonly pool?: string;
  readonly realServer?: string;
  readonly service?: string;
  readonly limit?: number;
}

/** A TCP connection or a UDP flow: what one client address and port says to one port of a VIP. */
export interface Connection {
  readonly id: string;
  readonly protocol: Protocol;
  readonly service: string;
  readonly pool: string;
  /** `ADDRESS:PORT`, IPv6 in brackets; so are the next ones. */
  readonly client: string;
  readonly vip: string;
  /** The server's name; `fallback:` for the pool's fallback. */
  readonly realServer: string;
  /** The address and port that the server sees. */
  readonly source: string;
  readonly ageMs: number;
  readonly idleMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/**
 * The config as the daemon uses it: every value resolved (file, then profile, then `defaults`, then the schema) and
 * in base units. Immutable; running state is another type that refers to it by name.
 */
import type { SchedulerName } from '../scheduler/names.ts';

export interface EffectiveConfig {
  readonly dataPlane: 'auto' | 'proxy' | 'kernel';
  readonly admin: { readonly host: string; readonly port: number };
  readonly shutdownTimeoutMs: number;
  readonly topology: EffectiveTopology;
  readonly pools: readonly EffectivePool[];
  readonly services: readonly EffectiveService[];
}

export interface EffectiveTopology {
  /** Where VIPs are added; null: they must be there already. */
  readonly interface: string | null;
}

export interface EffectivePool {
  readonly name: string;
  readonly profile: string | null;
  readonly fqdn: string | null;
  /** Empty: servers of this pool count as up without being asked. */
  readonly healthChecks: readonly HealthCheck[];
  readonly onDown: 'reset' | 'keep';
  readonly drain: { readonly timeoutMs: number; readonly keepPersistence: boolean };
  readonly realServers: readonly EffectiveServer[];
  readonly fallback: Fallback | null;
}

export interface EffectiveServer {
  readonly name: string;
  readonly fqdn: string | null;
  /** An IPv4 or IPv6 literal in its canonical form. */
  readonly address: string;
  /** 0 to 65535; 0 means drain. */
  readonly weight: number;
  /** Connections that it may hold; 0: no limit. */
  readonly maxConnections: number;
  readonly admin: AdminState;
}

export type AdminState = 'ready' | 'drain' | 'maint';

/** Where connections go when no real server can be used; `port` null: the port the client dialled maps as usual. */
export interface Fallback {
  readonly address: string;
  readonly port: number | null;
}

export interface HealthCheck {
  readonly type: 'tcp';
  readonly port: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Consecutive good results that make it up. */
  readonly rise: number;
  /** Consecutive bad results that make it down. */
  readonly fall: number;
}

export interface EffectiveService {
  readonly name: string;
  readonly vip: string;
  readonly pool: string;
  readonly ports: readonly PortRange[];
  readonly scheduler: SchedulerName;
  readonly redispatch: boolean;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** A UDP flow without a datagram for this long ends. */
  readonly udpIdleMs: number;
  /** Null: a client's next connection goes to any server. */
  readonly persistence: Persistence | null;
  /** Connections that it may hold; 0: no limit. */
  readonly maxConnections: number;
  readonly limits: SourceLimits;
}

/** A client, known by its address, comes back to the same server. */
export interface Persistence {
  /** How long it is known after its last connection. */
  readonly timeoutMs: number;
  readonly maxEntries: number;
}

/** What one source may take of a service; 0: no limit. */
export interface SourceLimits {
  readonly newConnectionsPerSecondPerSource: number;
  readonly connectionsPerSource: number;
}

export type Protocol = 'tcp' | 'udp';

/** VIP ports `first`…`last` go to server ports `serverFirst`…, one to one. */
export interface PortRange {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
  readonly serverFirst: number;
}

/**
 * The config as the daemon uses it: every value resolved (file, then profile, then `defaults`, then the schema) and
 * in base units. Immutable; running state is another type that refers to it by name.
 */
import type { SchedulerName } from '../scheduler/names.ts';
import type { Cidr } from './cidr.ts';

export interface EffectiveConfig {
  readonly dataPlane: 'auto' | 'proxy' | 'kernel';
  readonly admin: { readonly host: string; readonly port: number };
  readonly shutdownTimeoutMs: number;
  readonly topology: EffectiveTopology;
  readonly pools: readonly EffectivePool[];
  readonly services: readonly EffectiveService[];
}

export type EffectiveTopology = OneArmed | TwoArmed | Transparent;

export interface OneArmed {
  readonly mode: 'one-armed';
  /** Where VIPs and SNAT addresses are added; null: they must be there already. */
  readonly interface: string | null;
  /** What was added stays when the program stops. */
  readonly keepAtStop: boolean;
}

export interface TwoArmed {
  readonly mode: 'two-armed';
  readonly clientInterface: string;
  readonly serverInterface: string;
  /** Null: the interface has an address of its own there. */
  readonly serverAddress: Cidr | null;
  /** Whether more than connections through a VIP passes between the two. */
  readonly routing: boolean;
  /** What does; empty: all. */
  readonly filter: readonly FilterRule[];
  readonly keepAtStop: boolean;
}

export interface Transparent {
  readonly mode: 'transparent';
  readonly bridgePorts: readonly [string, string];
  /** Of the bridge. */
  readonly serverAddress: Cidr;
  /** The router by which clients elsewhere are answered; null: this machine's other routes. */
  readonly gateway: string | null;
  readonly keepAtStop: boolean;
}

/** What is absent fits any. */
export interface FilterRule {
  /** A network or an address. */
  readonly from: string | null;
  readonly to: string | null;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | null;
  readonly ports: { readonly first: number; readonly last: number } | null;
}

/** The bridge of the transparent topology. */
export const BRIDGE = 'poolgate0';

/** @param name null: VIPs are on this machine already */
export function oneArmed(name: string | null): OneArmed {
  return { mode: 'one-armed', interface: name, keepAtStop: false };
}

export type NatMode = 'full' | 'half' | 'none';

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
  readonly type: CheckType;
  readonly port: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Consecutive good results that make it up. */
  readonly rise: number;
  /** Consecutive bad results that make it down. */
  readonly fall: number;
  /** Of `tls`, `https`, and `sip` over TLS. */
  readonly tls?: TlsWishes;
  /** Of `http` and `https`. */
  readonly http?: HttpWishes;
  /** Of `sip`. */
  readonly sip?: SipWishes;
}

export type CheckType = 'tcp' | 'tls' | 'http' | 'https' | 'sip' | 'stun';

/** What a health check asks for in the handshake, and of the certificate. */
export interface TlsWishes {
  /** Asked for by SNI, and with `verify` the name that the certificate must have; null: none is asked for. */
  readonly serverName: string | null;
  /** Whether the certificate must be trusted, valid now and of that name. */
  readonly verify: boolean;
  /** Absolute path of the certificates that are trusted; null: those of the system. */
  readonly caFile: string | null;
  /** Days that the certificate must still be valid; 0: not looked at. */
  readonly minDaysLeft: number;
}

export const NO_TLS_WISHES: TlsWishes = { serverName: null, verify: false, caFile: null, minDaysLeft: 0 };

export interface HttpWishes {
  /** Begins with `/`. */
  readonly path: string;
  /** Of the Host header; null: the server's address. */
  readonly host: string | null;
  /** Null: 2xx and 3xx. */
  readonly expectStatus: readonly number[] | null;
  /** Text that must be in the body; null: the body is not looked at. */
  readonly expectBody: string | null;
}

export const NO_HTTP_WISHES: HttpWishes = { path: '/', host: null, expectStatus: null, expectBody: null };

export interface SipWishes {
  /** Of the URI that is asked; null: the server's address. */
  readonly domain: string | null;
  /** Null: every final answer. */
  readonly expectStatus: readonly number[] | null;
}

export const NO_SIP_WISHES: SipWishes = { domain: null, expectStatus: null };

export interface EffectiveService {
  readonly name: string;
  readonly vip: string;
  readonly pool: string;
  readonly ports: readonly PortRange[];
  readonly scheduler: SchedulerName;
  readonly redispatch: boolean;
  readonly nat: NatMode;
  /** Where connections to servers come from; null: the system chooses by its routes. */
  readonly snat: EffectiveSnat | null;
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
  /** Only for these of the service's ports; absent: for all. */
  readonly ports?: readonly PortRange[];
}

/** What one source may take of a service; 0: no limit. */
export interface SourceLimits {
  readonly newConnectionsPerSecondPerSource: number;
  readonly connectionsPerSource: number;
}

export type Protocol = 'tcp' | 'udp';

export interface EffectiveSnat {
  /** Canonical, each once, ranges written out. */
  readonly addresses: readonly string[];
  /** Null: the system's own range. */
  readonly ports: { readonly first: number; readonly last: number } | null;
}

/** VIP ports `first`…`last` go to server ports `serverFirst`…, one to one. */
export interface PortRange {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
  readonly serverFirst: number;
}

/**
 * What an importer hands over: sections of the file in our terms, each value with its line. Merging them and writing
 * the config is the same for every format.
 */
import type { SchedulerName } from '../../scheduler/names.ts';

export interface At<T> {
  readonly value: T;
  readonly line: number;
}

/** Ports that clients connect to. */
export interface DraftPort {
  /** Null: every address of that machine, so that the file does not say which one clients use. */
  readonly vip: string | null;
  readonly protocol: 'tcp' | 'udp';
  readonly first: number;
  readonly last: number;
  /** Where `first` leads on the servers, when the file says it of the port and not of the servers. */
  readonly serverFirst?: number | undefined;
  readonly line: number;
}

/** The port of a server that a port of the VIP leads to. */
export type ServerPort =
  | { readonly kind: 'same' }
  | { readonly kind: 'fixed'; readonly port: number }
  | { readonly kind: 'offset'; readonly by: number };

export interface DraftServer {
  readonly name: string;
  /** As the file has it; a name of DNS where `known` is false. */
  readonly address: string;
  /** Whether it is an address that a config takes. */
  readonly known: boolean;
  readonly fqdn?: string | undefined;
  readonly port: ServerPort;
  readonly weight?: number | undefined;
  /** 0: no limit. */
  readonly maxConnections: number;
  readonly admin: 'ready' | 'drain' | 'maint';
  /** Its state is that of the same server elsewhere. */
  readonly tracks?: boolean | undefined;
  readonly line: number;
}

export interface DraftCheck {
  readonly type: 'tcp' | 'tls' | 'http' | 'https' | 'sip';
  readonly port: number;
  readonly intervalMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly rise?: number | undefined;
  readonly fall?: number | undefined;
  /** Of SIP. */
  readonly transport?: 'tcp' | 'tls' | undefined;
  readonly serverName?: string | undefined;
  readonly verify?: true | undefined;
  readonly caFile?: string | undefined;
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly expectStatus?: readonly number[] | undefined;
  readonly expectBody?: string | undefined;
  readonly line: number;
}

export interface DraftFallback {
  readonly address: string;
  readonly known: boolean;
  readonly port: ServerPort;
  readonly line: number;
}

export interface DraftPersistence {
  readonly timeoutMs?: number | undefined;
  readonly maxEntries?: number | undefined;
}

/** One way from ports of clients to servers. */
export interface DraftSection {
  /** As people know it; made a valid and unique name later. */
  readonly name: string;
  readonly poolName: string;
  /** `listen OCS`, for the report. */
  readonly label: string;
  readonly line: number;
  readonly ports: readonly DraftPort[];
  readonly servers: readonly DraftServer[];
  readonly fallback: At<DraftFallback> | null;
  readonly checks: readonly DraftCheck[];
  readonly onDown: At<'reset' | 'keep'> | null;
  readonly scheduler: At<SchedulerName>;
  readonly persistence: At<DraftPersistence> | null;
  readonly idleMs: At<number> | null;
  readonly connectMs: At<number> | null;
  readonly udpIdleMs: At<number> | null;
  /** Null: none given. */
  readonly maxConnections: At<number> | null;
  readonly snatPool: At<readonly string[]> | null;
  readonly snatPorts: string | null;
  readonly nat: At<'none'> | null;
  readonly limits: At<DraftLimits> | null;
}

export interface DraftLimits {
  readonly newConnectionsPerSecondPerSource?: number;
  readonly connectionsPerSource?: number;
}

/** All that an importer found in a file. */
export interface Draft {
  readonly sections: readonly DraftSection[];
  /** Null: nothing is said, and ours holds. */
  readonly redispatch: At<boolean> | null;
  /** Where VIPs are added; null: nothing is said. */
  readonly interface: At<string> | null;
}

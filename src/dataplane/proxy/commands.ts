import type { Protocol } from '../../model/effective.ts';
import type { SchedulerName } from '../../scheduler/names.ts';
import type { ErrorCode } from '../../lib/errors.ts';
import type { Connection, PlanePort } from '../dataplane.ts';
import type { GuardNumbers } from './guard/guard.ts';
import type { SourceSettings } from './sources.ts';

/** What the control thread tells a worker. Servers, services and ports are the numbers of common-state.ts. */
export type Command =
  /** Once, when all workers run and before any opens a socket. */
  | { readonly op: 'own-descriptors' }
  | { readonly op: 'set-service'; readonly service: number; readonly settings: ServiceNumbers }
  | { readonly op: 'remove-service'; readonly service: number }
  | {
      readonly op: 'set-address';
      readonly server: number;
      readonly sockaddr: Uint8Array;
      readonly port: number;
    }
  /** Binds a socket for a port, which does not listen yet. */
  | {
      readonly op: 'open-port';
      readonly port: number;
      readonly address: PlanePort;
      readonly service: number;
    }
  /** New connections go to this port of the server. */
  | { readonly op: 'update-port'; readonly port: number; readonly serverPort: number }
  /** Accept (listen), or refuse connects while the address stays ours. */
  | { readonly op: 'serve-port'; readonly port: number; readonly serving: boolean }
  /** Resets what came in by it and closes its listener. */
  | { readonly op: 'remove-port'; readonly port: number }
  | { readonly op: 'reset'; readonly selector: NumberSelector }
  /** How many connections each source address has to each port of each server. */
  | { readonly op: 'source-use' }
  | { readonly op: 'list'; readonly selector: NumberSelector; readonly limit: number }
  /** Closes every listener; open connections go on. */
  | { readonly op: 'stop-accepting' }
  /** Resets everything and ends the thread. */
  | { readonly op: 'stop' };

export interface ServiceNumbers {
  readonly pool: number;
  readonly scheduler: SchedulerName;
  readonly redispatch: boolean;
  readonly sources: SourceSettings | null;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly udpIdleMs: number;
  /** Null where the service has neither limits nor persistence. */
  readonly guard: GuardNumbers | null;
}

/** Connections that match all that is given; slot and generation name a single one. */
export interface NumberSelector {
  readonly pool?: number;
  readonly server?: number;
  readonly service?: number;
  /** Came in by one of these. */
  readonly ports?: ReadonlySet<number>;
  /** An address or network; a text that is neither is nobody's. */
  readonly client?: string;
  readonly idleOverMs?: number;
  readonly ageOverMs?: number;
  readonly slot?: number;
  readonly generation?: number;
}

/** Commands travel in batches; the worker answers each batch once, with what the last command came to. */
export interface CommandBatch {
  readonly id: number;
  readonly commands: readonly Command[];
}

export type Result = number | readonly ListedConnection[] | readonly NumberedSourceUse[] | null;

export type Reply =
  | { readonly id: number; readonly ok: true; readonly result: Result }
  | { readonly id: number; readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** Connections from one source address to one port of one server, in one worker. */
export interface NumberedSourceUse {
  readonly protocol: Protocol;
  readonly source: number;
  readonly server: number;
  readonly serverPort: number;
  readonly used: number;
}

/** A connection as a worker lists it: numbers instead of names. */
export interface ListedConnection extends Omit<Connection, 'id' | 'service' | 'pool' | 'realServer'> {
  readonly slot: number;
  readonly generation: number;
  readonly server: number;
  readonly service: number;
}

export interface WorkerData {
  readonly index: number;
  readonly workers: number;
  readonly buffer: SharedArrayBuffer;
  /** The most connections that one worker may come to hold; their sum is bounded by the shared limit. */
  readonly capacity: number;
  /** An eventfd: written to after each batch of commands is posted. */
  readonly wakeFd: number;
  /** Whether an io_uring may be used (ring.ts). */
  readonly ioUring: boolean;
}

/** What the admin API, the CLI's `run` and the demo need of the running balancer; controller.ts implements it. */
import type { Connection, ConnectionFilter, PlaneCounters } from '../dataplane/dataplane.ts';
import type { AdminState, CheckType } from '../model/effective.ts';

export type Health = 'unknown' | 'up' | 'down';

/**
 * HAProxy's words. INI: not run yet. L4 is the connection, L6 the TLS handshake, L7 the request and its answer: OK good,
 * TOUT not in time, CON refused or unreachable, RSP broken off or not understood, STS an answer that is not wanted.
 * SOCKERR: this machine could not ask (out of descriptors or ports), which counts neither way.
 */
export const CHECK_RESULTS = [
  'INI',
  'L4OK',
  'L4TOUT',
  'L4CON',
  'L6OK',
  'L6TOUT',
  'L6RSP',
  'L7OK',
  'L7TOUT',
  'L7RSP',
  'L7STS',
  'SOCKERR',
] as const;
export type CheckResult = (typeof CHECK_RESULTS)[number];

/** The one good result of each type of check. */
export const GOOD_RESULTS = {
  tcp: 'L4OK',
  tls: 'L6OK',
  http: 'L7OK',
  https: 'L7OK',
  sip: 'L7OK',
  stun: 'L7OK',
} as const satisfies Record<CheckType, CheckResult>;

export function isGood({ type, result }: Pick<CheckView, 'type' | 'result'>): boolean {
  return GOOD_RESULTS[type] === result;
}

export interface CheckView {
  readonly type: CheckType;
  readonly port: number;
  readonly result: CheckResult;
  /** The system's or the server's words, e.g. `Connection refused`, `200 OK`; may be empty. */
  readonly text: string;
  readonly durationMs: number;
  /** ISO 8601 time of the last probe's end; null before the first. */
  readonly at: string | null;
}

/** What came of one probe. */
export interface ProbeView {
  /** ISO 8601 time of its end. */
  readonly at: string;
  readonly result: CheckResult;
  readonly text: string;
  readonly durationMs: number;
}

/** One check of a server with the results of its last hundred probes, the newest last. */
export interface CheckHistory {
  readonly type: CheckType;
  readonly port: number;
  readonly health: Health;
  readonly probes: readonly ProbeView[];
}

/** One real server as `poolgate servers --format json` and GET /api/v1/servers show it. */
export interface ServerView {
  readonly pool: string;
  readonly name: string;
  readonly address: string;
  readonly admin: AdminState;
  readonly health: Health;
  readonly usable: boolean;
  readonly weight: number;
  readonly active: number;
  readonly total: number;
  readonly checks: readonly CheckView[];
  /** Why it is not usable, or empty. */
  readonly reason: string;
  /** ISO 8601 time of the last change between usable and not. */
  readonly since: string;
  /** How often health went down since start. */
  readonly downs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly connectErrors: number;
  readonly connectTimeouts: number;
  readonly redispatches: number;
  /** Connections that found no source port left for it in the SNAT pool. */
  readonly sourceShortages: number;
  /** Connections that it may hold; 0: no limit. */
  readonly maxConnections: number;
}

export interface ServiceView {
  readonly name: string;
  readonly vip: string;
  readonly pool: string;
  /** VIP ports in words, e.g. `135, 443-444, 5060-5061, 3478/udp`. */
  readonly ports: string;
  readonly scheduler: string;
  /** `serving`, `fallback` or `refusing`. */
  readonly state: 'serving' | 'fallback' | 'refusing';
  readonly active: number;
  readonly total: number;
  readonly refused: number;
  /** Of those, the ones that a limit turned away. */
  readonly limited: LimitedView;
  /** Null without persistence. */
  readonly persistence: PersistenceView | null;
}

/** Connections that were turned away because they were one too many for … */
export interface LimitedView {
  /** every usable server of the pool (`maxConnections` of real servers), */
  readonly atServerLimits: number;
  /** the virtual service (its `maxConnections`), */
  readonly atServiceLimit: number;
  /** their source (`limits.connectionsPerSource`), */
  readonly atSourceLimit: number;
  /** or their source in this second (`limits.newConnectionsPerSecondPerSource`). */
  readonly atSourceRate: number;
}

export interface PersistenceView {
  /** Clients that are known now, and how many can be. */
  readonly entries: number;
  readonly maxEntries: number;
  /** Clients that were forgotten before their time, because the table was full. */
  readonly evicted: number;
  /** Connections whose client could not be kept, because all in the table had connections. */
  readonly notKept: number;
}

export interface StatusView {
  readonly version: string;
  readonly ready: boolean;
  readonly dataPlane: string;
  readonly reason: string;
  readonly configFile: string;
  readonly startedAt: string;
  readonly uptimeMs: number;
  readonly workers: number;
  readonly capacity: number;
  /** Entries of the kernel's table of connections, which all programs of this machine share; null where it is not needed. */
  readonly tracked: { readonly used: number; readonly limit: number } | null;
  readonly active: number;
  readonly services: readonly ServiceView[];
  readonly pools: readonly { readonly name: string; readonly usable: number; readonly servers: number }[];
  /** VIPs on an interface of this machine; empty without `topology.interface`. */
  readonly addresses: readonly AddressView[];
}

/** One source address of the SNAT pools, as `poolgate sources --format json` and GET /api/v1/sources show it. */
export interface SourceView {
  readonly address: string;
  readonly virtualServices: readonly string[];
  /** How many connections it can have to each port of each server. */
  readonly ports: number;
  /** Connections that it has, to all servers and ports. */
  readonly used: number;
  /** The port of a server that it has the most connections to; null when it has none. */
  readonly fullest: {
    readonly pool: string;
    readonly realServer: string;
    readonly port: number;
    readonly used: number;
    readonly free: number;
  } | null;
}

export interface AddressView {
  readonly address: string;
  /** The interface that has it. */
  readonly interface: string;
  /** We added it and remove it at the end; false: it was there before, and stays. */
  readonly ours: boolean;
  /** At the last look, some seconds ago at most; false: it was taken away, or the interface is down. */
  readonly present: boolean;
  /** The MAC of another machine that has it too, by the last look, a minute ago at most; or null. */
  readonly conflict: string | null;
}

/** Something that happened, for `poolgate events`, the event stream and the log. `seq` rises by one. */
export interface PoolgateEvent {
  readonly seq: number;
  readonly at: string;
  readonly kind:
    | 'ready'
    | 'server-up'
    | 'server-down'
    | 'server-admin'
    | 'server-weight'
    | 'server-added'
    | 'server-removed'
    | 'drain-expired'
    | 'pool-empty'
    | 'pool-usable'
    | 'config-applied'
    | 'config-rejected'
    | 'connections-reset'
    /** A source address has 80 % of its ports in use towards one server, or has room again. */
    | 'source-ports-low'
    | 'source-ports-free'
    /** Connections to a server found no source port, used or resting. */
    | 'source-ports-out'
    /** The data plane refused a change of health; it is tried again. */
    | 'plane-failed'
    /** Live changes could not be read at start or kept for the next one. */
    | 'state-unsaved'
    /** A VIP was put on the interface, taken over from an earlier run, or put back. */
    | 'address-added'
    | 'address-removed'
    /** VIPs are reachable again: their interface was down, or another machine had them. */
    | 'address-announced'
    /** Another machine has a VIP. */
    | 'address-duplicate'
    /** A VIP could not be checked, announced or removed, or nobody reaches it. */
    | 'address-trouble'
    | 'stopping';
  readonly severity: 'info' | 'notice' | 'warning' | 'error';
  /** One sentence; for servers in HAProxy's wording: `Server POOL/NAME is DOWN, reason: L4CON, …`. */
  readonly message: string;
  readonly pool?: string;
  readonly realServer?: string;
  readonly service?: string;
  /** Who asked: `health`, `file`, `api`, `signal`, `start`, `network`. */
  readonly actor: string;
}

export interface PlanStep {
  readonly action: 'add' | 'change' | 'remove';
  /** e.g. `pool ocspool / server fe01 / weight`. */
  readonly what: string;
  readonly from: string | null;
  readonly to: string | null;
  /** `live`: takes effect at once; `restart`: refused live, needs a restart. */
  readonly applies: 'live' | 'restart';
  /** Says which open connections this ends, or null when none. */
  readonly cuts: string | null;
}

/** A config that ran, as `poolgate history` and GET /api/v1/history show it. */
export interface HistoryEntry {
  /** Rises by one, and is never used again. */
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  /** As of events. */
  readonly actor: string;
  /** What was other than before, in a few words. */
  readonly changes: string;
  /** SHA-256 of the text. */
  readonly hash: string;
  /** It is the one that runs. */
  readonly current: boolean;
}

export interface HistoryConfig extends HistoryEntry {
  readonly text: string;
  /** What has changed from it to the config that runs; null when this version takes its text no more. */
  readonly since: readonly PlanStep[] | null;
}

/** POOL/SERVER, or SERVER alone where only one pool has it. */
export type ServerRef = string;

export interface Controller {
  status(): StatusView;
  servers(): ServerView[];
  /**
   * The checks of a server with their last probes; empty while it has none, as in `maint`.
   * @throws PoolgateError UNKNOWN_SERVER, AMBIGUOUS_SERVER
   */
  checks(ref: ServerRef): CheckHistory[];
  counters(): PlaneCounters;
  /** Every source address of the SNAT pools, in the order of the config. */
  sources(): Promise<SourceView[]>;
  connections(filter?: ConnectionFilter): Promise<Connection[]>;
  /** @throws PoolgateError UNKNOWN_SERVER, AMBIGUOUS_SERVER */
  setAdmin(ref: ServerRef, admin: AdminState, actor: string): Promise<ServerView>;
  /** @param weight 0 (drain) to 65535. @throws PoolgateError UNKNOWN_SERVER, AMBIGUOUS_SERVER, BAD_REQUEST */
  setWeight(ref: ServerRef, weight: number, actor: string): Promise<ServerView>;
  /**
   * Resets both ends of every connection that the filter selects; without parts that is all of them.
   * @returns how many there were
   * @throws PoolgateError STOPPING
   */
  resetConnections(filter: Omit<ConnectionFilter, 'limit'>, actor: string): Promise<number>;
  /** The running config: file text, and effective values each with where it came from. */
  configText(): { text: string; hash: string };
  effective(): readonly { readonly path: string; readonly value: unknown; readonly from: string }[];
  /** What applying this text would change. @throws ConfigRejected (findings) */
  plan(text: string): PlanStep[];
  /**
   * Writes the file atomically and applies it, all or nothing.
   * @throws PoolgateError RESTART_NEEDED, what DataPlane.apply throws; ConfigRejected (findings), PoolgateError CONFIG_CHANGED if the file on disk is not what was last read
   */
  apply(text: string, actor: string): Promise<PlanStep[]>;
  /** Re-reads the file (SIGHUP). */
  reload(actor: string): Promise<PlanStep[]>;
  /** The configs that ran, oldest first; a hundred at most. */
  history(): HistoryEntry[];
  /** @throws PoolgateError UNKNOWN_CONFIG, SYSTEM */
  historyConfig(number: number): Promise<HistoryConfig>;
  /**
   * Applies a config of the history.
   * @param number null: the one before the one that runs
   * @throws PoolgateError UNKNOWN_CONFIG, and what `apply` throws
   */
  rollback(number: number | null, actor: string): Promise<PlanStep[]>;
  recentEvents(limit?: number): PoolgateEvent[];
  /** Calls back on every event from now on, until the signal aborts. */
  subscribe(listener: (event: PoolgateEvent) => void, signal: AbortSignal): void;
}

/** The running balancer with its life: main.ts and the demo start and stop it, everything else sees a Controller. */
export interface RunningController extends Controller {
  /**
   * Gives the config to the data plane and starts the checks; resolves once the plane has its ports. The event
   * `ready` follows when every server has its first verdict.
   * @throws PoolgateError what DataPlane.apply throws
   */
  start(): Promise<void>;
  /** Event `stopping`, then ends checks and timers and closes the plane within `shutdownTimeout`. Safe to call twice. */
  stop(): Promise<void>;
}

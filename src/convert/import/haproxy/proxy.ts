/** A `listen`, `frontend` or `backend` of HAProxy while it is read: what its directives and those of its defaults said. */
import type { SchedulerName } from '../../../scheduler/names.ts';
import type { At, DraftLimits, DraftPersistence, DraftPort } from '../draft.ts';
import type { Kind, Place, Report } from '../report.ts';
import type { Variables } from './words.ts';

export interface Proxy {
  readonly word: 'listen' | 'frontend' | 'backend';
  readonly name: string;
  readonly label: string;
  readonly line: number;
  /** Of its directives. */
  readonly lastLine: number;
  /** `disabled`: HAProxy does not start it. */
  off: boolean;
  readonly ports: DraftPort[];
  /** What `bind` lines are called, by line. */
  readonly bindNames: Map<number, string>;
  /** By how much ports of binds of this name lead elsewhere on the servers. */
  readonly moves: Map<string, number>;
  readonly servers: Server[];
  /** What `default-server` said so far. */
  defaults: ServerWishes;
  readonly timeouts: Map<string, At<number>>;
  scheduler: At<SchedulerName> | null;
  consistent: boolean;
  maxConnections: At<number> | null;
  readonly checking: Checking;
  table: At<DraftPersistence> | null;
  /** `stick on src` and its kin; the value is the section whose table it uses, null its own. */
  stick: At<string | null> | null;
  source: Source | null;
  redispatch: At<boolean> | null;
  defaultBackend: At<string> | null;
  /** Backends that conditions lead to. */
  readonly otherBackends: { readonly name: string; readonly place: Place }[];
  limits: At<DraftLimits> | null;
  /** More new connections of a client than that in the period of the table are refused. */
  rate: { readonly most: number; readonly place: Place } | null;
  /** The section whose table counts clients; null: its own. */
  tracked: string | null;
  /** Of `conn_rate` in its table. */
  ratePeriodMs: number | null;
  /** Serves HAProxy's own page. */
  stats: boolean;
}

export interface Source {
  readonly address: string;
  readonly ports: string | null;
  readonly line: number;
}

/** One `connect` of a check, and what is said after it. */
export interface Step {
  /** Null: the server's. */
  readonly port: number | null;
  readonly tls: boolean;
  readonly serverName: string | undefined;
  readonly line: number;
  talk: Talk | null;
}

/** What is sent, as far as it is a request that a health check of ours makes too. */
export interface Talk {
  readonly protocol: 'http' | 'sip';
  /** Of HTTP. */
  path: string;
  /** Of the Host header, or of the URI of SIP. */
  host: string | undefined;
  expectStatus: readonly number[] | undefined;
  expectBody: string | undefined;
}

/** How servers that have `check` are asked. */
export interface Checking {
  how: 'tcp' | 'tls' | 'http';
  path: string;
  host: string | undefined;
  expectStatus: readonly number[] | undefined;
  expectBody: string | undefined;
  readonly steps: Step[];
  /** Of HTTP; null: nobody said. */
  method: At<string> | null;
  line: number;
}

/** The words behind a server's address, as far as they mean something here. */
export interface ServerWishes {
  readonly check?: boolean;
  readonly checkPort?: number | undefined;
  readonly checkTls?: boolean;
  readonly checkName?: string | undefined;
  readonly verify?: boolean;
  readonly caFile?: string | undefined;
  readonly interval?: number | undefined;
  readonly rise?: number | undefined;
  readonly fall?: number | undefined;
  readonly weight?: number | undefined;
  readonly maxConnections?: number | undefined;
  readonly backup?: boolean;
  readonly disabled?: boolean;
  readonly tls?: boolean;
  readonly wrapped?: string | undefined;
  readonly track?: string | undefined;
  readonly resets?: boolean;
  readonly source?: Source | undefined;
}

export interface Server {
  readonly name: string;
  readonly host: string;
  readonly port: import('../draft.ts').ServerPort;
  readonly wishes: ServerWishes;
  readonly line: number;
}

/** What a reader of a directive needs besides its words. */
export interface Context {
  readonly place: Place;
  readonly report: Report;
  readonly variables: Variables;
  /** `no` stood before it. */
  readonly negated: boolean;
  /** The address that `*` means, as the administrator said; null: nobody did. */
  readonly vip: string | null;
}

export type Reader = (proxy: Proxy, args: readonly string[], context: Context) => void;

/** A word of HAProxy's and what becomes of it; the tables are also the page of the documentation. */
export interface Row {
  readonly kind: Kind;
  /** Key of the config, or what a person should know. Markdown. */
  readonly becomes: string;
  /** Absent: the kind and these words are all that happens. */
  readonly read?: Reader;
}

export type Table = Readonly<Record<string, Row>>;

export function newProxy({
  word,
  name,
  label,
  line,
  lastLine,
}: Pick<Proxy, 'word' | 'name' | 'label' | 'line' | 'lastLine'>): Proxy {
  return {
    word,
    name,
    label,
    line,
    lastLine,
    off: false,
    ports: [],
    bindNames: new Map(),
    moves: new Map(),
    servers: [],
    defaults: {},
    timeouts: new Map(),
    scheduler: null,
    consistent: false,
    maxConnections: null,
    checking: {
      how: 'tcp',
      path: '/',
      host: undefined,
      expectStatus: undefined,
      expectBody: undefined,
      steps: [],
      method: null,
      line: 0,
    },
    table: null,
    stick: null,
    source: null,
    redispatch: null,
    defaultBackend: null,
    otherBackends: [],
    limits: null,
    rate: null,
    tracked: null,
    ratePeriodMs: null,
    stats: false,
  };
}

export function tell(context: Context, kind: Kind, message: string, hint = '', rule = ''): void {
  context.report.add(kind, context.place, message, { hint, rule });
}

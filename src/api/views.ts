/** The bodies of the admin API as schemas: what OpenAPI is generated from and what the client checks answers by. */
import { z } from 'zod';
import { CHECK_TYPES } from '../model/health-check.ts';
import { CHECK_RESULTS } from '../state/contract.ts';
import type { Connection } from '../dataplane/dataplane.ts';
import type {
  AddressView,
  CheckHistory,
  CheckView,
  HistoryConfig,
  HistoryEntry,
  LimitedView,
  PersistenceView,
  PlanStep,
  PoolgateEvent,
  ProbeView,
  ServerView,
  ServiceView,
  SourceView,
  StatusView,
} from '../state/contract.ts';

const count = z.int().nonnegative();
const time = z.string().meta({ format: 'date-time' });

export const adminState = z.enum(['ready', 'drain', 'maint']).meta({
  description: 'ready: normal; drain: no new connections, open ones stay; maint: drain, and no health checks',
});
export const weight = z
  .int()
  .min(0)
  .max(65535)
  .meta({ description: 'Share of new connections; 0 means drain' });

const check: z.ZodType<CheckView> = z
  .object({
    type: z.enum(CHECK_TYPES),
    port: z.int().min(1).max(65535),
    result: z.enum(CHECK_RESULTS),
    text: z.string(),
    durationMs: z.number().nonnegative(),
    at: time.nullable(),
  })
  .meta({ id: 'Check' });

const healthWord = z.enum(['unknown', 'up', 'down']);

const probe: z.ZodType<ProbeView> = z
  .object({
    at: time.meta({ description: 'When it ended' }),
    result: z.enum(CHECK_RESULTS),
    text: z.string(),
    durationMs: z.number().nonnegative(),
  })
  .meta({ id: 'Probe' });

export const checkHistory: z.ZodType<CheckHistory> = z
  .object({
    type: z.enum(CHECK_TYPES),
    port: z.int().min(1).max(65535),
    health: healthWord.meta({ description: 'The verdict of this check alone' }),
    probes: z.array(probe).meta({ description: 'The last hundred, the newest last' }),
  })
  .meta({ id: 'CheckHistory' });

export const server: z.ZodType<ServerView> = z
  .object({
    pool: z.string(),
    name: z.string(),
    address: z.string(),
    admin: adminState,
    health: healthWord,
    usable: z.boolean().meta({ description: 'May be given new connections' }),
    weight,
    active: count.meta({ description: 'Connections that hold this server now' }),
    total: count.meta({ description: 'Connections given to this server since start' }),
    checks: z.array(check),
    reason: z.string().meta({ description: 'Why it is not usable, or empty' }),
    since: time.meta({ description: 'Last change between usable and not' }),
    downs: count,
    bytesIn: count,
    bytesOut: count,
    connectErrors: count,
    connectTimeouts: count,
    redispatches: count,
    sourceShortages: count,
    maxConnections: count.meta({ description: 'Connections that it may hold; 0: no limit' }),
  })
  .meta({ id: 'Server' });

const limited: z.ZodType<LimitedView> = z.object({
  atServerLimits: count.meta({ description: '`maxConnections` of every usable real server' }),
  atServiceLimit: count.meta({ description: '`maxConnections` of the virtual service' }),
  atSourceLimit: count.meta({ description: '`limits.connectionsPerSource`' }),
  atSourceRate: count.meta({ description: '`limits.newConnectionsPerSecondPerSource`' }),
});

const persistence: z.ZodType<PersistenceView> = z.object({
  entries: count.meta({ description: 'Clients that are known now' }),
  maxEntries: count,
  evicted: count.meta({ description: 'Clients forgotten before their time: the table was full' }),
  notKept: count.meta({
    description: 'Connections whose client could not be kept: all others had connections',
  }),
});

export const service: z.ZodType<ServiceView> = z
  .object({
    name: z.string(),
    vip: z.string(),
    pool: z.string(),
    ports: z.string().meta({ examples: ['135, 443-444, 5060-5061, 3478/udp'] }),
    scheduler: z.string(),
    state: z.enum(['serving', 'fallback', 'refusing']),
    active: count,
    total: count,
    refused: count,
    limited: limited.meta({ description: 'Of those, the ones that a limit turned away' }),
    persistence: persistence.nullable().meta({ description: 'null without persistence' }),
  })
  .meta({ id: 'Service' });

export const source: z.ZodType<SourceView> = z
  .object({
    address: z.string(),
    virtualServices: z.array(z.string()),
    ports: count.meta({ description: 'Connections that it can have to each port of each server' }),
    used: count.meta({ description: 'Connections that it has, to all of them' }),
    fullest: z
      .object({ pool: z.string(), realServer: z.string(), port: count, used: count, free: count })
      .nullable()
      .meta({ description: 'The port of a server that it has the most connections to' }),
  })
  .meta({ id: 'Source' });

const address: z.ZodType<AddressView> = z
  .object({
    address: z.string(),
    interface: z.string().meta({ description: 'The interface that has it' }),
    ours: z.boolean().meta({ description: 'Added by Poolgate, and removed at the end' }),
    present: z.boolean().meta({ description: 'On the interface, which is up, at the last look' }),
    conflict: z.string().nullable().meta({ description: 'The MAC of another machine that has it too' }),
  })
  .meta({ id: 'Address' });

export const status: z.ZodType<StatusView> = z
  .object({
    version: z.string(),
    ready: z
      .boolean()
      .meta({ description: 'Every server has its first verdict and every port serves or refuses' }),
    dataPlane: z.string(),
    reason: z.string().meta({ description: 'Why this data plane' }),
    configFile: z.string(),
    startedAt: time,
    uptimeMs: z.number().nonnegative(),
    workers: count,
    capacity: count.meta({ description: 'Connections that can be held at once' }),
    tracked: z.object({ used: count, limit: count }).nullable().meta({
      description: "Entries of the kernel's table of connections; null where the data plane needs none",
    }),
    active: count,
    services: z.array(service),
    pools: z.array(z.object({ name: z.string(), usable: count, servers: count })),
    addresses: z
      .array(address)
      .meta({ description: 'VIPs on an interface; empty without topology.interface' }),
  })
  .meta({ id: 'Status' });

export const connection: z.ZodType<Connection> = z
  .object({
    id: z.string(),
    protocol: z.enum(['tcp', 'udp']).meta({ description: 'udp: a flow, of one client address and port' }),
    service: z.string(),
    pool: z.string(),
    client: z.string().meta({ examples: ['192.0.2.7:51034'] }),
    vip: z.string(),
    realServer: z.string().meta({ description: 'Its name; `fallback:` for the pool’s fallback' }),
    source: z.string().meta({ description: 'The address and port that the server sees' }),
    ageMs: z.number().nonnegative(),
    idleMs: z.number().nonnegative(),
    bytesIn: count,
    bytesOut: count,
  })
  .meta({ id: 'Connection' });

export const resetCount = z.object({ reset: count }).meta({ id: 'ResetCount' });

/** What each kind of event says; a kind that is missing here does not compile. */
export const EVENT_KINDS = {
  ready: 'every server has its first verdict and every port serves or refuses',
  'server-up': 'a server’s checks are all good again',
  'server-down': 'a check failed `fall` times in a row',
  'server-admin': 'somebody changed a server’s administrative state',
  'server-weight': 'somebody changed a server’s weight',
  'server-added': 'a config added a server',
  'server-removed': 'a config removed a server',
  'drain-expired': '`drain.timeout` is over; what was still open is reset',
  'pool-empty': 'the last usable server of a pool is gone: fallback, or connections are refused',
  'pool-usable': 'a pool has a usable server again',
  'source-ports-low': 'a source address has 80 % of its ports in use towards one server',
  'source-ports-free': 'a source address has room again',
  'source-ports-out': 'connections to a server found no free source port in the SNAT pool',
  'config-applied': 'a config was applied',
  'config-rejected': 'a config was refused; what ran before runs on',
  'connections-reset': 'open connections were reset, and why',
  'plane-failed': 'the data plane refused a change; it is tried again',
  'state-unsaved': 'live changes could not be read, or kept for the next start',
  'address-added': 'a VIP was put on the interface, taken over from an earlier run, or put back',
  'address-removed': 'a VIP was removed from the interface',
  'address-announced': 'VIPs are reachable again: their interface was down, or another machine had them',
  'address-duplicate': 'another machine has a VIP; `message` names its MAC',
  'address-trouble': 'a VIP could not be checked, announced or removed, or nobody reaches it',
  stopping: 'the balancer stops',
} as const satisfies Record<PoolgateEvent['kind'], string>;

export const event: z.ZodType<PoolgateEvent> = z
  .object({
    seq: count,
    at: time,
    kind: z.enum(Object.keys(EVENT_KINDS) as PoolgateEvent['kind'][]),
    severity: z.enum(['info', 'notice', 'warning', 'error']),
    message: z.string(),
    pool: z.string().exactOptional(),
    realServer: z.string().exactOptional(),
    service: z.string().exactOptional(),
    actor: z.string().meta({ description: 'Who asked: health, file, api, signal, start, network' }),
  })
  .meta({ id: 'Event' });

export const planStep: z.ZodType<PlanStep> = z
  .object({
    action: z.enum(['add', 'change', 'remove']),
    what: z.string().meta({ examples: ['pool ocspool / server fe01 / weight'] }),
    from: z.string().nullable(),
    to: z.string().nullable(),
    applies: z.enum(['live', 'restart']).meta({ description: 'restart: refused live' }),
    cuts: z.string().nullable().meta({ description: 'Which open connections this ends' }),
  })
  .meta({ id: 'PlanStep' });

const historyFields = {
  number: z.int().positive(),
  at: time,
  actor: z.string().meta({ description: 'Who made it run: api, signal, start' }),
  changes: z.string().meta({ description: 'What was other than before, in a few words' }),
  hash: z.string(),
  current: z.boolean().meta({ description: 'It is the one that runs' }),
};

export const historyEntry: z.ZodType<HistoryEntry> = z.object(historyFields).meta({ id: 'HistoryEntry' });

export const historyConfig: z.ZodType<HistoryConfig> = z
  .object({
    ...historyFields,
    text: z.string(),
    since: z.array(planStep).nullable().meta({
      description: 'What has changed from it to the one that runs; null when it can not be compared',
    }),
  })
  .meta({ id: 'HistoryConfig' });

export const configText = z
  .object({ text: z.string(), hash: z.string().meta({ description: 'For If-Match of /api/v1/apply' }) })
  .meta({ id: 'ConfigText' });

export const effectiveValue = z
  .object({
    path: z.string(),
    value: z.unknown(),
    from: z.string().meta({ description: 'Where the value came from' }),
  })
  .meta({ id: 'EffectiveValue' });

export const health = z.object({ ready: z.boolean() }).meta({ id: 'Health' });

export const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'A code of the error reference' }),
    detail: z.string(),
    hint: z.string(),
    findings: z
      .array(z.unknown())
      .exactOptional()
      .meta({ description: 'Of a rejected config, each with its place' }),
  })
  .meta({ id: 'Problem' });

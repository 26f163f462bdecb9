/**
 * A data plane in memory, for tests of what stands above the seam. It keeps the state by the model of
 * apply-changes.ts, so a change list that does not fit fails loudly, and holds connections that tests open by hand.
 * It moves no byte: what it does is no evidence of what a real plane does.
 */
import { applyChanges, portKey } from './apply-changes.ts';
import { selects } from './connection-filter.ts';
import type {
  Change,
  Connection,
  ConnectionFilter,
  DataPlane,
  DesiredState,
  PersistenceCounters,
  PlaneCounters,
  PlanePort,
  PortCounters,
  ServerCounters,
  SourceUse,
} from './dataplane.ts';
import { EMPTY_STATE } from './dataplane.ts';

export interface FakePlane extends DataPlane {
  /** What it was told, all applied changes together. */
  state(): DesiredState;
  /** Every successful apply, oldest first. */
  readonly batches: (readonly Change[])[];
  /** Every reset that was asked for. */
  readonly resets: ConnectionFilter[];
  /** The next `times` calls of apply fail with this and change nothing. */
  failApply(error: Error, times?: number): void;
  /** Calls of apply take effect only when the function returned is called. */
  holdApply(): () => void;
  /** A connection on a server; returns its id. @throws Error when there is no such service, port or server */
  open(service: string, port: number, realServer: string): string;
  /** What sourceUse gives from now on. */
  useSources(uses: readonly SourceUse[]): void;
  isClosed(): boolean;
}

interface Open {
  readonly shown: Connection;
  readonly port: PlanePort;
}

interface Inner {
  state: DesiredState;
  readonly open: Map<string, Open>;
  readonly totals: Map<string, number>;
  nextId: number;
  sources: readonly SourceUse[];
}

export function createFakePlane(): FakePlane {
  const inner: Inner = { state: EMPTY_STATE, open: new Map(), totals: new Map(), nextId: 1, sources: [] };
  const batches: (readonly Change[])[] = [];
  const resets: ConnectionFilter[] = [];
  let failures: Error[] = [];
  let closed = false;
  let held: Promise<void> = Promise.resolve();

  async function apply(changes: readonly Change[]): Promise<void> {
    await held;
    const failure = failures.shift();
    if (failure) throw failure;
    inner.state = applyChanges(inner.state, changes);
    batches.push(changes);
    for (const change of changes) cut(inner, change);
  }

  async function reset(selector: ConnectionFilter): Promise<number> {
    await Promise.resolve();
    resets.push(selector);
    const hit = matching(inner, selector);
    for (const connection of hit) inner.open.delete(connection.shown.id);
    return hit.length;
  }

  return {
    name: 'fake',
    batches,
    resets,
    useSources: (uses) => void (inner.sources = uses),
    apply,
    reset,
    state: () => inner.state,
    counters: () => count(inner),
    sourceUse: async () => [...inner.sources],
    systemPorts: () => ({ first: 32_768, last: 60_999 }),
    connections: async (filter = {}) => matching(inner, filter).map((c) => c.shown),
    failApply: (error, times = 1) => {
      failures = Array.from({ length: times }, () => error);
    },
    holdApply: () => {
      const gate = Promise.withResolvers<void>();
      held = gate.promise;
      return gate.resolve;
    },
    open: (service, port, realServer) => openOne(inner, service, port, realServer),
    isClosed: () => closed,
    close: async () => {
      closed = true;
      inner.open.clear();
    },
  };
}

function openOne(inner: Inner, serviceName: string, portNumber: number, realServer: string): string {
  const service = inner.state.services.find((s) => s.name === serviceName);
  const port = service?.ports.find((p) => p.port === portNumber);
  const pool = inner.state.pools.find((p) => p.name === service?.settings.pool);
  const server = pool?.servers.find((s) => s.name === realServer);
  if (!service || !port || !pool || !server) {
    throw new Error(`cannot open ${serviceName}:${portNumber} to ${realServer}`);
  }
  const id = `f-${inner.nextId++}`;
  const shown: Connection = {
    id,
    protocol: port.protocol,
    service: service.name,
    pool: pool.name,
    client: '192.0.2.1:49152',
    vip: `${port.vip}:${port.port}`,
    realServer,
    source: '10.0.0.44:49152',
    ageMs: 0,
    idleMs: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
  inner.open.set(id, { shown, port });
  for (const key of [`${pool.name}/${realServer}`, portKey(port)]) {
    inner.totals.set(key, (inner.totals.get(key) ?? 0) + 1);
  }
  return id;
}

/** What the seam says of removals: they end the connections of the server or port removed. */
function cut(inner: Inner, change: Change): void {
  for (const c of inner.open.values()) {
    const gone =
      (change.kind === 'remove-server' &&
        c.shown.pool === change.pool &&
        c.shown.realServer === change.server) ||
      (change.kind === 'remove-port' && portKey(c.port) === portKey(change.port));
    if (gone) inner.open.delete(c.shown.id);
  }
}

function matching(inner: Inner, filter: ConnectionFilter): Open[] {
  const hit = [...inner.open.values()].filter((c) => selects(filter, c.shown));
  return hit.slice(0, filter.limit ?? 1000);
}

const NO_TRAFFIC: Omit<ServerCounters, 'active' | 'total'> = {
  bytesIn: 0,
  bytesOut: 0,
  connectErrors: 0,
  connectTimeouts: 0,
  redispatches: 0,
  sourceShortages: 0,
  idleExpired: 0,
  serverResets: 0,
  clientResets: 0,
};

function count(inner: Inner): PlaneCounters {
  const open = [...inner.open.values()];
  const servers = inner.state.pools.flatMap((pool) =>
    pool.servers.map((server): [string, ServerCounters] => {
      const key = `${pool.name}/${server.name}`;
      const active = open.filter(
        (c) => c.shown.pool === pool.name && c.shown.realServer === server.name,
      ).length;
      return [key, { ...NO_TRAFFIC, active, total: inner.totals.get(key) ?? 0 }];
    }),
  );
  const ports = inner.state.services.flatMap((service) =>
    service.ports.map((port): PortCounters => {
      const active = open.filter((c) => portKey(c.port) === portKey(port)).length;
      const total = inner.totals.get(portKey(port)) ?? 0;
      return {
        service: service.name,
        vip: port.vip,
        protocol: port.protocol,
        port: port.port,
        active,
        total,
        refused: 0,
        atServerLimits: 0,
        atServiceLimit: 0,
        atSourceLimit: 0,
        atSourceRate: 0,
        bytesIn: 0,
        bytesOut: 0,
      };
    }),
  );
  const persistence = inner.state.services
    .filter(({ settings }) => settings.persistenceEntries > 0)
    .map(({ name, settings }): [string, PersistenceCounters] => [
      name,
      { entries: 0, maxEntries: settings.persistenceEntries, evicted: 0, notKept: 0 },
    ]);
  return {
    servers: new Map(servers),
    ports,
    persistence: new Map(persistence),
    workers: 1,
    capacity: 1000,
    tracked: null,
  };
}

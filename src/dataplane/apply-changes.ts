/** What each change does to a desired state: the model that diffDesired is tested against and the fake plane runs on. */
import type {
  Change,
  DesiredState,
  PlaneFallback,
  PlanePort,
  PlaneServer,
  PlaneServiceSettings,
} from './dataplane.ts';

interface DraftPool {
  fallback: PlaneFallback | null;
  readonly servers: Map<string, PlaneServer>;
}

interface DraftService {
  settings: PlaneServiceSettings;
  readonly ports: Map<string, PlanePort>;
}

interface Draft {
  readonly pools: Map<string, DraftPool>;
  readonly services: Map<string, DraftService>;
}

/** What makes a port one and the same, over all services: two services cannot hold the same key. */
export function portKey(port: PlanePort): string {
  return `${port.protocol} ${port.vip} ${port.port}`;
}

/**
 * The state after the changes. `state` is not touched.
 * @throws Error when a change does not fit the state it meets (adds what is there, removes what is not or is in use)
 */
export function applyChanges(state: DesiredState, changes: readonly Change[]): DesiredState {
  const draft = draftOf(state);
  for (const change of changes) applyOne(draft, change);
  return {
    pools: [...draft.pools].map(([name, pool]) => ({
      name,
      servers: [...pool.servers.values()],
      fallback: pool.fallback,
    })),
    services: [...draft.services].map(([name, service]) => ({
      name,
      settings: service.settings,
      ports: [...service.ports.values()],
    })),
  };
}

function draftOf(state: DesiredState): Draft {
  return {
    pools: new Map(
      state.pools.map((p) => [
        p.name,
        { fallback: p.fallback, servers: new Map(p.servers.map((s) => [s.name, s])) },
      ]),
    ),
    services: new Map(
      state.services.map((s) => [
        s.name,
        { settings: s.settings, ports: new Map(s.ports.map((p) => [portKey(p), p])) },
      ]),
    ),
  };
}

type Handlers = {
  readonly [K in Change['kind']]: (draft: Draft, change: Extract<Change, { kind: K }>) => void;
};

const HANDLERS = {
  'add-pool': (draft, c) => insert(draft.pools, c.pool, { fallback: null, servers: new Map() }),
  'add-server': (draft, c) => insert(need(draft.pools, c.pool).servers, c.server.name, c.server),
  'update-server': (draft, c) => {
    const servers = need(draft.pools, c.pool).servers;
    const before = need(servers, c.server.name);
    if (before.address !== c.server.address) throw new Error('an update cannot change an address');
    servers.set(c.server.name, c.server);
  },
  'set-fallback': (draft, c) => {
    need(draft.pools, c.pool).fallback = c.fallback;
  },
  'add-service': (draft, c) => {
    need(draft.pools, c.settings.pool);
    insert(draft.services, c.service, { settings: c.settings, ports: new Map() });
  },
  'update-service': (draft, c) => {
    need(draft.pools, c.settings.pool);
    need(draft.services, c.service).settings = c.settings;
  },
  'add-port': (draft, c) => {
    const key = portKey(c.port);
    for (const service of draft.services.values()) {
      if (service.ports.has(key)) throw new Error(`${key} is taken`);
    }
    insert(need(draft.services, c.service).ports, key, c.port);
  },
  'update-port': (draft, c) => {
    const ports = need(draft.services, c.service).ports;
    need(ports, portKey(c.port));
    ports.set(portKey(c.port), c.port);
  },
  'remove-port': (draft, c) => remove(need(draft.services, c.service).ports, portKey(c.port)),
  'remove-service': (draft, c) => {
    if (need(draft.services, c.service).ports.size > 0) throw new Error(`${c.service} still has ports`);
    remove(draft.services, c.service);
  },
  'remove-server': (draft, c) => remove(need(draft.pools, c.pool).servers, c.server),
  'remove-pool': (draft, c) => {
    if (need(draft.pools, c.pool).servers.size > 0) throw new Error(`${c.pool} still has servers`);
    for (const [name, service] of draft.services) {
      if (service.settings.pool === c.pool) throw new Error(`${name} still uses ${c.pool}`);
    }
    remove(draft.pools, c.pool);
  },
} satisfies Handlers;

function applyOne(draft: Draft, change: Change): void {
  // The table is exact per kind; a lookup by a union of kinds loses that, so it is restated here.
  (HANDLERS[change.kind] as (draft: Draft, change: Change) => void)(draft, change);
}

function need<V>(map: ReadonlyMap<string, V>, key: string): V {
  const value = map.get(key);
  if (value === undefined) throw new Error(`${key} does not exist`);
  return value;
}

function insert<V>(map: Map<string, V>, key: string, value: V): void {
  if (map.has(key)) throw new Error(`${key} exists already`);
  map.set(key, value);
}

function remove<V>(map: Map<string, V>, key: string): void {
  if (!map.delete(key)) throw new Error(`${key} does not exist`);
}

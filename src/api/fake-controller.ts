/** For tests: a Controller in memory that holds two servers and remembers what it was asked. */
import { PoolgateError } from '../lib/errors.ts';
import type { AdminState } from '../model/effective.ts';
import { selects } from '../dataplane/connection-filter.ts';
import type { Connection } from '../dataplane/dataplane.ts';
import type {
  Controller,
  HistoryEntry,
  PlanStep,
  PoolgateEvent,
  ServerView,
  StatusView,
} from '../state/contract.ts';

export interface FakeController extends Controller {
  /** Every change that was asked for, e.g. `setAdmin ocspool/fe01 drain by api`. */
  readonly asked: string[];
  readonly subscribers: number;
  emit(event: Partial<PoolgateEvent>): void;
  setStatus(change: Partial<StatusView>): void;
  setServer(name: string, change: Partial<ServerView>): void;
  /** What the next plan, apply and reload answer, or throw. */
  planning: () => PlanStep[];
}

export const FAKE_TIME = '2026-03-01T02:00:00.000Z';

export function fakeController(): FakeController {
  const servers = new Map(
    [fakeServer('fe01', '10.0.0.41'), fakeServer('fe02', '10.0.0.42')].map((s) => [s.name, s]),
  );
  const events: PoolgateEvent[] = [];
  const listeners = new Set<(event: PoolgateEvent) => void>();
  const asked: string[] = [];
  const history = fakeHistory();
  let status = fakeStatus();

  function change(ref: string, values: Partial<ServerView>): ServerView {
    const found = servers.get(ref.replace('ocspool/', ''));
    if (!found) throw new PoolgateError('UNKNOWN_SERVER', `There is no server ${ref}.`);
    const changed = { ...found, ...values };
    servers.set(found.name, changed);
    return changed;
  }

  const fake: FakeController = {
    asked,
    planning: () => [],
    get subscribers() {
      return listeners.size;
    },
    emit(event) {
      const full = fakeEvent(events.length + 1, event);
      events.push(full);
      for (const listener of listeners) listener(full);
    },
    setStatus: (values) => void (status = { ...status, ...values }),
    setServer: (name, values) => void change(name, values),
    status: () => status,
    servers: () => [...servers.values()],
    sources: async () => [
      {
        address: '10.0.0.44',
        virtualServices: ['ocs'],
        ports: 100,
        used: 70,
        fullest: { pool: 'ocspool', realServer: 'fe01', port: 5061, used: 40, free: 60 },
      },
    ],
    checks(ref) {
      const { checks } = change(ref, {});
      return checks.map(({ type, port, at, result, text, durationMs }) => ({
        type,
        port,
        health: 'up',
        probes: at === null ? [] : [{ at, result, text, durationMs }],
      }));
    },
    counters: () => ({
      servers: new Map(),
      ports: [],
      persistence: new Map(),
      workers: 2,
      capacity: 20_000,
      tracked: null,
    }),
    connections: async (filter) =>
      fakeConnections()
        .filter((c) => selects(filter ?? {}, c))
        .slice(0, filter?.limit),
    async resetConnections(filter, actor) {
      asked.push(`reset ${JSON.stringify(filter)} by ${actor}`);
      return fakeConnections().filter((c) => selects(filter, c)).length;
    },
    async setAdmin(ref, admin: AdminState, actor) {
      asked.push(`setAdmin ${ref} ${admin} by ${actor}`);
      return change(ref, { admin, usable: admin === 'ready' });
    },
    async setWeight(ref, weight, actor) {
      asked.push(`setWeight ${ref} ${weight} by ${actor}`);
      return change(ref, { weight });
    },
    configText: () => ({ text: 'version: 1\n', hash: 'abc123' }),
    effective: () => [{ path: 'defaults.scheduler', value: 'wlc', from: 'schema' }],
    plan(text) {
      asked.push(`plan ${text}`);
      return fake.planning();
    },
    async apply(text, actor) {
      asked.push(`apply ${text} by ${actor}`);
      return fake.planning();
    },
    async reload(actor) {
      asked.push(`reload by ${actor}`);
      return fake.planning();
    },
    history: () => [...history],
    async historyConfig(number) {
      const entry = history.find((e) => e.number === number);
      if (!entry) throw new PoolgateError('UNKNOWN_CONFIG', `There is no config ${number}.`);
      return { ...entry, text: `version: 1 # ${number}\n`, since: number === 1 ? null : fake.planning() };
    },
    async rollback(number, actor) {
      asked.push(`rollback ${number ?? 'to the one before'} by ${actor}`);
      return fake.planning();
    },
    recentEvents: (limit = 100) => events.slice(-limit),
    subscribe(listener, signal) {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
  };
  return fake;
}

export function fakeServer(name: string, address: string): ServerView {
  const check = { type: 'tcp', result: 'L4OK', text: '', durationMs: 0.4, at: FAKE_TIME } as const;
  return {
    pool: 'ocspool',
    name,
    address,
    admin: 'ready',
    health: 'up',
    usable: true,
    weight: 1,
    active: 3,
    total: 40,
    checks: [
      { ...check, port: 5061 },
      { ...check, port: 444 },
    ],
    reason: '',
    since: FAKE_TIME,
    downs: 0,
    bytesIn: 1000,
    bytesOut: 2000,
    connectErrors: 0,
    connectTimeouts: 0,
    redispatches: 0,
    sourceShortages: 0,
    maxConnections: 0,
  };
}

function fakeStatus(): StatusView {
  return {
    version: '0.1.0',
    ready: true,
    dataPlane: 'proxy',
    reason: 'no interface is given',
    configFile: '/etc/poolgate.yaml',
    startedAt: FAKE_TIME,
    uptimeMs: 3_600_000,
    workers: 2,
    capacity: 20_000,
    tracked: null,
    active: 6,
    addresses: [],
    services: [
      {
        name: 'ocs',
        vip: '10.0.0.40',
        pool: 'ocspool',
        ports: '135, 443-444, 5060-5061',
        scheduler: 'wlc',
        state: 'serving',
        active: 6,
        total: 80,
        refused: 0,
        limited: { atServerLimits: 0, atServiceLimit: 0, atSourceLimit: 0, atSourceRate: 0 },
        persistence: null,
      },
    ],
    pools: [{ name: 'ocspool', usable: 2, servers: 2 }],
  };
}

/** Three configs, the last of them running. */
function fakeHistory(): HistoryEntry[] {
  const changes = ['first start', 'pool ocspool / server fe01 / weight: 1 → 5', 'comments or layout only'];
  return changes.map((words, at) => ({
    number: at + 1,
    at: FAKE_TIME,
    actor: at === 0 ? 'start' : 'api',
    changes: words,
    hash: String(at + 1).repeat(64),
    current: at === 2,
  }));
}

function fakeEvent(seq: number, event: Partial<PoolgateEvent>): PoolgateEvent {
  return {
    at: FAKE_TIME,
    kind: 'server-up',
    severity: 'notice',
    message: 'Server ocspool/fe01 is UP',
    actor: 'health',
    ...event,
    seq,
  };
}

function fakeConnections(): Connection[] {
  return ['fe01', 'fe02'].map((realServer, at) => ({
    id: `c${at + 1}`,
    protocol: 'tcp',
    service: 'ocs',
    pool: 'ocspool',
    client: `192.0.2.7:5103${at}`,
    vip: '10.0.0.40:5061',
    realServer,
    source: `10.0.0.40:4000${at}`,
    ageMs: 61_000,
    idleMs: 500,
    bytesIn: 1200,
    bytesOut: 90_000,
  }));
}

/** Runs the health checks of all watched servers and tells when a server's verdict changes. */
import type { Clock } from '../lib/clock.ts';
import type { HealthCheck } from '../model/effective.ts';
import type { CheckView, Health } from '../state/contract.ts';
import type { Probe } from './probe.ts';
import { PROBES } from './probe.ts';
import { serverHealth } from './rise-fall.ts';
import type { Failure, RunningCheck } from './running-check.ts';
import { startCheck } from './running-check.ts';

/** A server to watch. Another `key` is another server: it starts unknown. */
export interface Watched {
  readonly key: string;
  readonly address: string;
  /** Empty: the server counts as up without being asked. */
  readonly checks: readonly HealthCheck[];
}

export interface HealthChange {
  readonly key: string;
  readonly from: Health;
  readonly to: Health;
}

export interface HealthRunner {
  /**
   * Watches exactly these from now on. What is new starts at once; a server that stays keeps its verdict and its
   * counts, also when its limits or intervals changed; what is gone stops at once.
   */
  watch(servers: readonly Watched[]): void;
  /** `unknown` for a server that is not watched. */
  healthOf(key: string): Health;
  checksOf(key: string): CheckView[];
  /** Of the checks that say down, what each saw when it last failed. */
  failuresOf(key: string): Failure[];
  /** Stops everything; no change is told any more. */
  close(): void;
}

interface Server {
  health: Health;
  readonly checks: Map<string, RunningCheck>;
}

export interface RunnerOptions {
  readonly clock: Clock;
  /** Called when a server's verdict changes, never from inside `watch`. */
  readonly onChange: (change: HealthChange) => void;
  readonly probes?: Readonly<Record<HealthCheck['type'], Probe>>;
}

export function createHealthRunner(options: RunnerOptions): HealthRunner {
  const { clock, onChange, probes = PROBES } = options;
  const servers = new Map<string, Server>();
  let started = 0;

  function judge(key: string): void {
    const server = servers.get(key);
    if (!server) return;
    const from = server.health;
    server.health = judged(server);
    if (server.health !== from) onChange({ key, from, to: server.health });
  }

  function watchOne(watched: Watched): void {
    const server = servers.get(watched.key) ?? newServer(watched);
    servers.set(watched.key, server);
    const wanted = new Map(watched.checks.map((check) => [`${check.type}:${check.port}`, check]));
    for (const [id, running] of server.checks) {
      if (wanted.has(id)) continue;
      running.stop();
      server.checks.delete(id);
    }
    for (const [id, check] of wanted) {
      const running = server.checks.get(id);
      if (running) running.update(check);
      else server.checks.set(id, start(watched, check));
    }
    if (judged(server) !== server.health) clock.after(0, () => judge(watched.key));
  }

  function start(watched: Watched, check: HealthCheck): RunningCheck {
    const probe = probes[check.type];
    const onVerdict = (): void => judge(watched.key);
    return startCheck({
      check,
      address: watched.address,
      probe,
      clock,
      phase: phaseOf(started++),
      onVerdict,
    });
  }

  function unwatch(key: string): void {
    for (const check of servers.get(key)?.checks.values() ?? []) check.stop();
    servers.delete(key);
  }

  return {
    watch: (list) => {
      const keys = new Set(list.map((w) => w.key));
      for (const key of servers.keys()) if (!keys.has(key)) unwatch(key);
      for (const watched of list) watchOne(watched);
    },
    healthOf: (key) => servers.get(key)?.health ?? 'unknown',
    checksOf: (key) => [...(servers.get(key)?.checks.values() ?? [])].map((c) => c.view()),
    failuresOf: (key) => [...(servers.get(key)?.checks.values() ?? [])].flatMap((c) => c.failure() ?? []),
    close: () => {
      for (const key of servers.keys()) unwatch(key);
    },
  };
}

function newServer(watched: Watched): Server {
  return { health: watched.checks.length === 0 ? 'up' : 'unknown', checks: new Map() };
}

function judged(server: Server): Health {
  const verdicts = [...server.checks.values()].map((c) => c.verdict());
  return serverHealth(server.health, verdicts);
}

/** Multiples of the golden ratio spread evenly over 0…1 however many there are, and the same way at every start. */
function phaseOf(index: number): number {
  return (index * 0.618_033_988_749_895) % 1;
}

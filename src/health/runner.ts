/** Runs the health checks of all watched servers and tells when a server's verdict changes. */
import type { Clock } from '../lib/clock.ts';
import type { HealthCheck } from '../model/effective.ts';
import type { CheckHistory, CheckView, Health } from '../state/contract.ts';
import { excused } from './excused.ts';
import type { Probe } from './probe.ts';
import { PROBES } from './probe.ts';
import { serverHealth } from './rise-fall.ts';
import type { Failure } from './running-check.ts';
import { RunningCheck } from './running-check.ts';

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

export interface RunnerOptions {
  readonly clock: Clock;
  /** Called when a server's verdict changes, never from inside `watch`. */
  readonly onChange: (change: HealthChange) => void;
  /** Servers that count as up until their first result, for they were at work before this process was. */
  readonly servedBefore?: ReadonlySet<string>;
  /** Why this machine loses packets now, if it does: what times out meanwhile says nothing about its server. */
  readonly excuse?: () => string | null;
  /** In place of the real ones. */
  readonly probes?: Readonly<Partial<Record<HealthCheck['type'], Probe>>>;
}

interface Server {
  health: Health;
  readonly checks: Map<string, RunningCheck>;
}

export class HealthRunner {
  readonly #options: RunnerOptions;
  readonly #servers = new Map<string, Server>();
  /** Until the first list: what comes later starts unknown. */
  #servedBefore: ReadonlySet<string>;
  /** Checks started so far; gives each its own place in the interval. */
  #started = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#servedBefore = options.servedBefore ?? new Set();
  }

  /**
   * Watches exactly these from now on. What is new starts at once; a server that stays keeps its verdict and its
   * counts, also when its limits or intervals changed; what is gone stops at once.
   */
  watch(list: readonly Watched[]): void {
    const keys = new Set(list.map((w) => w.key));
    for (const key of this.#servers.keys()) if (!keys.has(key)) this.#unwatch(key);
    for (const watched of list) this.#watchOne(watched);
    this.#servedBefore = new Set();
  }

  /** `unknown` for a server that is not watched. */
  healthOf(key: string): Health {
    return this.#servers.get(key)?.health ?? this.#atFirst(key);
  }

  checksOf(key: string): CheckView[] {
    return this.#checks(key).map((c) => c.view());
  }

  /** Empty for a server that is not watched. */
  historyOf(key: string): CheckHistory[] {
    return this.#checks(key).map((c) => c.history());
  }

  /** Of the checks that say down, what each saw when it last failed. */
  failuresOf(key: string): Failure[] {
    return this.#checks(key).flatMap((c) => c.failure() ?? []);
  }

  /** Stops everything; no change is told any more. */
  close(): void {
    this.watch([]);
  }

  #checks(key: string): RunningCheck[] {
    return [...(this.#servers.get(key)?.checks.values() ?? [])];
  }

  #watchOne(watched: Watched): void {
    const server = this.#servers.get(watched.key) ?? {
      health: watched.checks.length === 0 ? 'up' : this.#atFirst(watched.key),
      checks: new Map(),
    };
    this.#servers.set(watched.key, server);
    const wanted = new Map(watched.checks.map((check) => [`${check.type}:${check.port}`, check]));
    for (const [id, running] of server.checks) {
      if (wanted.has(id)) continue;
      running.stop();
      server.checks.delete(id);
    }
    for (const [id, check] of wanted) {
      const running = server.checks.get(id);
      if (running) running.update(check);
      else server.checks.set(id, this.#startCheck(watched, check));
    }
    if (judged(server) !== server.health) this.#options.clock.after(0, () => this.#judge(watched.key));
  }

  #startCheck({ key, address }: Watched, check: HealthCheck): RunningCheck {
    const { clock, probes, excuse } = this.#options;
    const probe: Probe = { ...PROBES, ...probes }[check.type];
    const running = new RunningCheck({
      check,
      address,
      probe: excuse ? excused(probe, excuse) : probe,
      clock,
      phase: phaseOf(this.#started++),
      onVerdict: () => this.#judge(key),
    });
    running.start();
    return running;
  }

  #judge(key: string): void {
    const server = this.#servers.get(key);
    if (!server) return;
    const from = server.health;
    server.health = judged(server);
    if (server.health !== from) this.#options.onChange({ key, from, to: server.health });
  }

  #atFirst(key: string): Health {
    return this.#servedBefore.has(key) ? 'up' : 'unknown';
  }

  #unwatch(key: string): void {
    for (const check of this.#checks(key)) check.stop();
    this.#servers.delete(key);
  }
}

function judged(server: Server): Health {
  const verdicts = [...server.checks.values()].map((c) => c.verdict());
  return serverHealth(server.health, verdicts);
}

/** Multiples of the golden ratio spread evenly over 0…1 however many there are, and the same way at every start. */
function phaseOf(index: number): number {
  return (index * 0.618_033_988_749_895) % 1;
}

/** The running balancer as API, CLI and demo see it: takes wishes one at a time, shows what is. */
import type { Connection, ConnectionFilter, PlaneCounters } from '../dataplane/dataplane.ts';
import type { Timer } from '../lib/clock.ts';
import { isoTime } from '../lib/clock.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { AdminState } from '../model/effective.ts';
import { awaitsVerdict } from './announce.ts';
import { Balancer, STARTING } from './balancer.ts';
import { applyText, reloadFile } from './change-config.ts';
import type { LoadedConfig } from '../config/loaded.ts';
import type {
  CheckHistory,
  HistoryConfig,
  HistoryEntry,
  PlanStep,
  PoolgateEvent,
  RunningController,
  ServerRef,
  ServerView,
  SourceView,
  StatusView,
} from './contract.ts';
import type { ControllerParts } from './create-controller.ts';
import * as say from './messages.ts';
import type { Live } from './overrides.ts';
import { withChange } from './overrides.ts';
import { createQueue } from './queue.ts';
import { resolveServer } from './resolve.ts';
import { sourceViews } from './source-views.ts';
import { SourceWatch, shortagesOf } from './source-watch.ts';
import type { Standing } from './standing.ts';
import { serverView, traffic } from './views.ts';

/** After a change of health that the plane refused, and beyond the slowest check's timeout before `ready`. */
const RETRY_MS = 1000;

export class LiveController implements RunningController {
  readonly #parts: ControllerParts;
  readonly #balancer: Balancer;
  readonly #queue = createQueue();
  readonly #startedAt: number;
  readonly #startedMonotonic: number;
  readonly #sources: SourceWatch;
  #ready = false;
  #woken = false;
  #failing = false;
  #retry: Timer | null = null;
  #patience: Timer | null = null;
  #stopping: Promise<void> | null = null;

  constructor(parts: ControllerParts, balancer: Balancer) {
    this.#parts = parts;
    this.#balancer = balancer;
    this.#startedAt = parts.clock.now();
    this.#startedMonotonic = parts.clock.monotonic();
    this.#sources = new SourceWatch({
      clock: parts.clock,
      look: () => this.sources(),
      shortages: () => shortagesOf(this.counters()),
      tell: (event) => parts.events.emit(event),
    });
  }

  async start(): Promise<void> {
    await this.#queue.run(async () => {
      await this.#balancer.enact(this.#balancer.intent, STARTING);
      await this.#keepOverrides();
      await this.#parts.history.started(this.#balancer.intent.config, STARTING);
    });
    const timeouts = this.#balancer.intent.config.effective.pools.flatMap((p) =>
      p.healthChecks.map((c) => c.timeoutMs),
    );
    this.#patience = this.#parts.clock.after(Math.max(0, ...timeouts) + RETRY_MS, () => this.#becomeReady());
    this.#lookReady();
    this.#sources.start();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    const { runner, deadlines, plane, events, addresses } = this.#parts;
    this.#ready = false;
    events.emit({ kind: 'stopping', severity: 'notice', message: 'Stopping.', actor: 'signal' });
    runner.close();
    deadlines.close();
    this.#sources.close();
    this.#retry?.cancel();
    this.#patience?.cancel();
    await this.#queue.run(() => plane.close(this.#balancer.intent.config.effective.shutdownTimeoutMs));
    // Last: the resets of the connections still left have this address as their source.
    await addresses.close('signal');
  }

  /** Health changed: brings it to the plane soon, together with all else that changes in this turn. */
  wake(): void {
    if (this.#woken || this.#stopping) return;
    this.#woken = true;
    setImmediate(() => void this.#queue.run(() => this.#followHealth()));
  }

  async #followHealth(): Promise<void> {
    this.#woken = false;
    if (this.#stopping) return;
    try {
      await this.#balancer.enact(this.#balancer.intent, 'health');
      this.#failing = false;
      this.#lookReady();
    } catch (error) {
      if (!this.#failing) this.#balancer.planeFailed(error);
      this.#failing = true;
      this.#retry = this.#parts.clock.after(RETRY_MS, () => this.wake());
    }
  }

  /** By what the plane was told: whoever hears `ready` connects at once, and must find every server that is up. */
  #lookReady(): void {
    if (!this.#balancer.applied().some(awaitsVerdict)) this.#becomeReady();
  }

  #becomeReady(): void {
    if (this.#ready || this.#stopping) return;
    this.#ready = true;
    this.#patience?.cancel();
    const all = this.#balancer.applied();
    const usable = all.filter((s) => s.verdict.selectable).length;
    const services = say.plural(this.#balancer.intent.config.effective.services.length, 'virtual service');
    const message = `Ready: ${services}, ${usable} of ${say.plural(all.length, 'server')} usable.`;
    this.#parts.events.emit({ kind: 'ready', severity: 'notice', message, actor: 'health' });
  }

  /** The drain of this server has lasted long enough: what is left is reset. */
  expireDrain(key: string): void {
    void this.#queue.run(async () => {
      const standing = this.#balancer.standings().find((s) => s.key === key);
      if (!standing || !this.#parts.deadlines.isOver(key) || this.#stopping) return;
      // First, so that no client that persistence keeps comes back to where it is reset.
      await this.#balancer
        .enact(this.#balancer.intent, 'file')
        .catch((error: unknown) => this.#balancer.planeFailed(error));
      this.#parts.events.emit(say.drainExpired(standing, await this.#balancer.reset(standing)));
    });
  }

  async sources(): Promise<SourceView[]> {
    const { services } = this.#balancer.intent.config.effective;
    if (!services.some(({ snat }) => snat)) return [];
    const { plane } = this.#parts;
    return sourceViews(services, await plane.sourceUse(), plane.systemPorts());
  }

  async setAdmin(ref: ServerRef, admin: AdminState, actor: string): Promise<ServerView> {
    return this.#change(ref, { admin }, actor);
  }

  async setWeight(ref: ServerRef, weight: number, actor: string): Promise<ServerView> {
    if (!Number.isInteger(weight) || weight < 0 || weight > 65_535) {
      const hint = 'Give a whole number; 0 drains the server.';
      throw new PoolgateError('BAD_REQUEST', `Weight ${weight} is not within 0 to 65535.`, { hint });
    }
    return this.#change(ref, { weight }, actor);
  }

  #change(ref: ServerRef, change: Partial<Live>, actor: string): Promise<ServerView> {
    return this.#serially(async () => {
      const { key, pool, server } = resolveServer(this.#balancer.standings(), ref);
      const { config, overrides } = this.#balancer.intent;
      await this.#balancer.enact(
        { config, overrides: withChange(overrides, pool.name, server, change) },
        actor,
      );
      await this.#keepOverrides();
      const view = this.#views((s) => s.key === key)[0];
      if (!view) throw new PoolgateError('INTERNAL', `Server ${ref} is gone after its own change.`);
      return view;
    });
  }

  plan(text: string): PlanStep[] {
    const { configFile } = this.#parts;
    return configFile.plan(this.#balancer.intent.config.effective, configFile.parse(text).effective);
  }

  apply(text: string, actor: string): Promise<PlanStep[]> {
    return this.#serially(() =>
      this.#followConfig(applyText(this.#balancer, this.#parts.configFile, text, actor), actor),
    );
  }

  reload(actor: string): Promise<PlanStep[]> {
    return this.#serially(() =>
      this.#followConfig(reloadFile(this.#balancer, this.#parts.configFile, actor), actor),
    );
  }

  history(): HistoryEntry[] {
    return this.#parts.history.list(this.#balancer.intent.config.hash);
  }

  historyConfig(number: number): Promise<HistoryConfig> {
    return this.#parts.history.config(number, this.#balancer.intent.config);
  }

  rollback(number: number | null, actor: string): Promise<PlanStep[]> {
    return this.#serially(async () => {
      const { history, configFile } = this.#parts;
      const back = await history.target(number, this.#balancer.intent.config.hash);
      return this.#followConfig(applyText(this.#balancer, configFile, back.text, actor), actor, back.number);
    });
  }

  /** @param back the number of the config that it goes back to */
  async #followConfig(change: Promise<PlanStep[]>, actor: string, back?: number): Promise<PlanStep[]> {
    try {
      const steps = await change;
      await this.#keepOverrides();
      await this.#parts.history.applied(this.#balancer.intent.config, steps, actor, back);
      this.#parts.events.emit(
        back === undefined
          ? say.configApplied(steps.length, actor)
          : say.configRolledBack(back, steps.length, actor),
      );
      this.#lookReady();
      return steps;
    } catch (error) {
      this.#parts.events.emit(say.configRejected(error, actor));
      throw error;
    }
  }

  #serially<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      if (this.#stopping) throw new PoolgateError('STOPPING', 'Poolgate is stopping and takes no changes.');
      return task();
    });
  }

  /** A full disk must not keep an operator from draining a server, so that it could not be written is only told. */
  async #keepOverrides(): Promise<void> {
    try {
      await this.#parts.liveStore.save(this.#balancer.intent.overrides);
    } catch (error) {
      this.#parts.events.emit(
        say.stateUnsaved(`Live changes hold now but not after a restart: ${say.wordsOf(error)}.`),
      );
    }
  }

  status(): StatusView {
    const { clock, plane, version, dataPlaneReason, addresses } = this.#parts;
    const { config } = this.#balancer.intent;
    return {
      version,
      ready: this.#ready,
      dataPlane: plane.name,
      reason: dataPlaneReason,
      configFile: config.file,
      startedAt: isoTime(this.#startedAt),
      uptimeMs: Math.round(clock.monotonic() - this.#startedMonotonic),
      ...traffic(config.effective, this.#balancer.applied(), plane.counters()),
      addresses: addresses.view(),
    };
  }

  servers(): ServerView[] {
    return this.#views(() => true);
  }

  checks(ref: ServerRef): CheckHistory[] {
    return this.#parts.runner.historyOf(resolveServer(this.#balancer.standings(), ref).key);
  }

  #views(which: (standing: Standing) => boolean): ServerView[] {
    const { plane, runner, clock } = this.#parts;
    const counters = plane.counters().servers;
    const viewOf = (standing: Standing): ServerView =>
      serverView({
        standing,
        entry: this.#balancer.chronicle.get(standing.key),
        counters: counters.get(say.nameOf(standing)),
        checks: runner.checksOf(standing.key),
        failures: runner.failuresOf(standing.key),
        now: clock.now(),
      });
    return this.#balancer.standings().filter(which).map(viewOf);
  }

  counters(): PlaneCounters {
    return this.#parts.plane.counters();
  }

  connections(filter?: ConnectionFilter): Promise<Connection[]> {
    return this.#parts.plane.connections(filter);
  }

  /** Changes nothing that is wanted, so it waits for no other change. */
  async resetConnections(filter: Omit<ConnectionFilter, 'limit'>, actor: string): Promise<number> {
    if (this.#stopping) throw new PoolgateError('STOPPING', 'Poolgate is stopping and takes no changes.');
    const count = await this.#parts.plane.reset(filter);
    this.#parts.events.emit(say.connectionsKilled(filter, count, actor));
    return count;
  }

  configText(): { text: string; hash: string } {
    const { text, hash } = this.#balancer.intent.config;
    return { text, hash };
  }

  effective(): LoadedConfig['provenance'] {
    return this.#balancer.intent.config.provenance;
  }

  recentEvents(limit?: number): PoolgateEvent[] {
    return this.#parts.events.recent(limit);
  }

  subscribe(listener: (event: PoolgateEvent) => void, signal: AbortSignal): void {
    this.#parts.events.subscribe(listener, signal);
  }
}

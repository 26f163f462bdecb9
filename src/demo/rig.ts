/** Everything of the demo that lives: stand-in servers, the balancer, the clients, and the eyes on them. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolgateEvent, ServerView } from '../state/contract.ts';
import { DemoBalancer } from './balancer.ts';
import { Clients } from './clients.ts';
import { Faults } from './faults.ts';
import { Ledger, type LedgerListener } from './ledger.ts';
import { openSite, type Site } from './open-site.ts';
import { until } from './until.ts';

/** Fast enough for the eye, slow enough to cost nothing. */
const LOOK_MS = 150;
/** An administrator who looks for hours makes more events than anybody reads. */
const KEPT_EVENTS = 2000;

export class Rig {
  readonly site: Site;
  readonly balancer: DemoBalancer;
  readonly ledger: Ledger;
  readonly clients: Clients;
  readonly faults: Faults;
  readonly events: PoolgateEvent[] = [];
  servers: readonly ServerView[] = [];
  readonly #directory: string;
  readonly #watching = new AbortController();
  readonly #lastResort: () => void;

  private constructor(directory: string, site: Site, balancer: DemoBalancer, listener: LedgerListener) {
    this.#directory = directory;
    this.site = site;
    this.balancer = balancer;
    this.faults = new Faults(site.frontEnds);
    this.ledger = new Ledger(listener);
    const dial = { ports: site.ports, ca: site.ca };
    this.clients = new Clients({ dial, ledger: this.ledger, settled: (phones) => this.#settled(phones) });
    this.#lastResort = () => {
      balancer.kill();
      rmSync(directory, { recursive: true, force: true });
    };
    // For ends that leave no time for close(), such as a reader of the output that goes.
    process.on('exit', this.#lastResort);
  }

  /** @throws PoolgateError when ports are missing or the balancer does not start; the signal's reason */
  static async open(listener: RigListener, signal: AbortSignal): Promise<Rig> {
    const directory = await mkdtemp(join(tmpdir(), 'poolgate-demo-'));
    let site: Site | null = null;
    try {
      site = await openSite();
      const balancer = await DemoBalancer.start(directory, site.ports, signal);
      const rig = new Rig(directory, site, balancer, listener);
      rig.servers = await balancer.servers();
      rig.#watch(listener);
      // What it says of its start comes before anything else.
      await until(() => rig.events.some((event) => event.kind === 'ready'), 3000, signal);
      return rig;
    } catch (error) {
      await site?.close();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Connections that the balancer counts as open. */
  async active(): Promise<number> {
    this.servers = await this.balancer.servers();
    return this.servers.reduce((sum, server) => sum + server.active, 0);
  }

  /** Safe to call when parts are gone already. */
  async close(): Promise<void> {
    this.#watching.abort();
    await this.clients.close();
    await this.balancer.stop();
    await this.site.close();
    await rm(this.#directory, { recursive: true, force: true });
    process.off('exit', this.#lastResort);
  }

  #watch(listener: RigListener): void {
    const { signal } = this.#watching;
    const hear = (event: PoolgateEvent) => {
      this.events.push(event);
      if (this.events.length > KEPT_EVENTS) this.events.shift();
      listener.onEvent(event);
    };
    // A balancer that does not answer is told of by its process' end, or by what was not seen.
    this.balancer.follow(hear, signal).catch(() => {});
    void this.#look(signal);
  }

  async #look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.active().catch(() => {});
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** A moment is enough; while connections are cut the two numbers may differ for longer. */
  async #settled(phones: number): Promise<void> {
    const { signal } = this.#watching;
    await until(async () => (await this.active()) === phones, 500, signal).catch(() => {});
  }
}

export interface RigListener extends LedgerListener {
  onEvent(event: PoolgateEvent): void;
}

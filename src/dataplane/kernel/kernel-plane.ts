import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { realClock } from '../../lib/clock.ts';
import type { Periodic } from '../../lib/periodically.ts';
import { applyChanges } from '../apply-changes.ts';
import {
  type Change,
  type Connection,
  type ConnectionFilter,
  type DataPlane,
  type DesiredState,
  EMPTY_STATE,
  type PlaneCounters,
  type SourceUse,
} from '../dataplane.ts';
import { detach, removeHooks } from './bpf/attach.ts';
import { type BpfProgram, unpin } from './bpf/program.ts';
import { addWays } from './connections/ways.ts';
import { Endings } from './connections/endings.ts';
import { OpenConnections } from './connections/open-connections.ts';
import { Sweeper } from './connections/sweeper.ts';
import { fullTable, trackedConnections } from './conntrack/limits.ts';
import { watchRoom } from './conntrack/room-watch.ts';
import { goneBetween, gonePorts } from './gone.ts';
import { freshlyLost, lostServers } from './lost.ts';
import { type Baselines, baselinesOf, portCountersKey, readCounters, readServers } from './maps/counters.ts';
import { type SystemSources, systemSources } from './maps/default-source.ts';
import { assign, fits, NO_NUMBERS, type Numbers, withoutNewServers } from './maps/numbers.ts';
import { refuseWhatCannotBe } from './refusing.ts';
import { render, type Rendering, wantedNumbers } from './maps/render.ts';
import { KnownClients } from './maps/known-clients.ts';
import { MapWriter } from './maps/writer.ts';
import { ForeignFilters } from './nat/foreign-filters.ts';
import { StandingTable } from './nat/standing.ts';
import type { Forwarding } from './nat/translation.ts';
import type { Kept, RunFile } from './run-file.ts';
import { settle } from './settle.ts';
import { SourceUses } from './source-use.ts';

export interface KernelPlaneOptions {
  /**
   * Where clients come in, in this network namespace: with one arm the interface, with two arms both (servers may be
   * clients of their own VIP), with a bridge the bridge.
   */
  readonly interfaces: readonly string[];
  /** Of these the one with nothing but servers; null: it has clients too. */
  readonly serversInterface: string | null;
  /** What else may pass between our interfaces. */
  readonly forwarding: Forwarding;
  /** Interfaces by which a translated packet leaves the way it came. */
  readonly noRedirects: readonly string[];
  /** Connections that are held at once; as many as conntrack holds if not given. */
  readonly connections?: number;
  /** Folder of the file by which the next process knows what the maps say; null: nothing outlives this process. */
  readonly runFolder: string | null;
  /** Folder of a bpffs where the maps have names; null as above. */
  readonly pins: string | null;
  /** Something does not work and is tried again; a sentence. */
  readonly onTrouble?: (message: string) => void;
  /** At the end the last connection is over, and our table, which says what may be forwarded, is about to go. */
  readonly beforeRelease?: () => Promise<void>;
}

const CLOSE_POLL_MS = 20;
/** At the end a UDP flow without a datagram for so long holds nothing up. */
const QUIET_AT_THE_END_MS = 1000;

export interface Internals extends KernelPlaneOptions {
  readonly capacity: number;
  readonly indexes: readonly number[];
  readonly file: RunFile | null;
}

/** What the maps say. */
export interface Situation {
  readonly state: DesiredState;
  readonly numbers: Numbers;
  readonly baselines: Baselines;
}

export class KernelPlane implements DataPlane {
  readonly name = 'kernel';
  /** Whether it goes on with connections of a process before. */
  readonly adopted: boolean;
  readonly servedBefore: ReadonlySet<string>;
  private readonly program: BpfProgram;
  private readonly options: Internals;
  private readonly writer: MapWriter;
  private readonly endings: Endings;
  private readonly open: OpenConnections;
  private readonly sweeper: Sweeper;
  private readonly table: StandingTable;
  private readonly clients: KnownClients;
  private readonly room: Periodic;
  private readonly sourceUses: SourceUses;
  /** What this process was told; what the maps say differs from it until the first changes after an adoption. */
  private told: DesiredState = EMPTY_STATE;
  private now: Situation = { state: EMPTY_STATE, numbers: NO_NUMBERS, baselines: new Map() };
  /** Servers that are lost to connections that wait for them, as `POOL/SERVER`. */
  private lost: ReadonlySet<string> = new Set();
  private readonly filters: ForeignFilters;
  private last: Promise<unknown> = Promise.resolve();
  private stopped = false;
  private closing: Promise<void> | null = null;
  private atTheEnd: PlaneCounters | null = null;

  constructor(program: BpfProgram, options: Internals, adopted: Kept | null) {
    this.program = program;
    this.options = options;
    this.adopted = adopted !== null;
    this.servedBefore = new Set(adopted ? serving(adopted.state) : []);
    this.writer = new MapWriter(program);
    this.table = new StandingTable(options);
    this.clients = new KnownClients(program);
    this.sourceUses = new SourceUses(realClock, (uses) => addWays(program, uses));
    this.filters = new ForeignFilters((message) => options.onTrouble?.(message));
    this.endings = new Endings(program);
    this.open = new OpenConnections(program, this.endings);
    this.sweeper = new Sweeper(program, this.endings, (message) => options.onTrouble?.(message));
    if (adopted) {
      this.now = adopted;
      this.writer.adopt(adopted.numbers);
    }
    this.sweeper.start();
    this.room = watchRoom(realClock, (message) => options.onTrouble?.(message));
  }

  /** The table as it is without a service, so that what may be forwarded holds before anything is. */
  async prepare(): Promise<void> {
    await this.filters.look();
    const { services, pools } = this.now.state;
    if (services.length > 0 || pools.length > 0) return;
    await this.table.follow({ targets: [], sources: [], translated: [] });
  }

  /** Makes the table again if somebody took it away. @returns whether it was gone. @throws PoolgateError SYSTEM */
  async restoreTable(): Promise<boolean> {
    const restored = await this.serially(() => this.table.restore());
    return restored === true;
  }

  /** Whether somebody else's rules came or went: new connections then go another way, and open ones as they went. */
  async lookForFilters(): Promise<void> {
    if (!(await this.filters.look())) return;
    await this.serially(async () => {
      const { state, numbers } = this.now;
      this.writer.write(this.render(state, numbers, await systemSources(state)));
    });
  }

  async apply(changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) await this.serially(() => this.applyNow(applyChanges(this.told, changes)));
  }

  private async applyNow(next: DesiredState): Promise<void> {
    refuseWhatCannotBe(next, this.told);
    const sources = await systemSources(next);
    // Servers that come need places that are free before those that go leave theirs.
    if (!fits(this.now.numbers, next)) {
      await this.follow(withoutNewServers(this.now.numbers, next), sources);
    }
    await this.follow(next, sources);
  }

  /** Whatever can fail comes first; from `writer.write` on traffic follows the new state. */
  private async follow(next: DesiredState, sources: SystemSources): Promise<void> {
    const numbers = assign(this.now.numbers, next, wantedNumbers(next, sources.sourceOf));
    const rendering = this.render(next, numbers, sources);
    await this.table.follow(rendering);
    const before = this.now;
    this.clients.prepare(before, { state: next, numbers });
    this.now = { state: next, numbers, baselines: baselinesOf(this.program, numbers, before.baselines) };
    this.writer.write(rendering);
    this.told = next;
    this.sweeper.setPace(next);
    await this.save();
    const gone = goneBetween(before, this.now);
    if (gone) {
      settle();
      await this.open.endGone(gone, this.redispatching());
      this.forgetCounters(before.state);
    }
    this.clients.adopt(before, this.now);
    if (this.loseServers()) this.writer.write(this.render(next, numbers, sources));
  }

  private render(state: DesiredState, numbers: Numbers, { sourceOf, addresses }: SystemSources): Rendering {
    const { first, last } = this.systemPorts();
    const shortWay = {
      isOpen: this.filters.found === null,
      systemAddresses: addresses,
      systemPorts: { first, last },
    };
    return render(state, numbers, sourceOf, shortWay, (pool, server) => this.lost.has(`${pool}/${server}`));
  }

  /** Numbers of the services that give a connection another server when its own is lost. */
  private redispatching(): Set<number> {
    const { state, numbers } = this.now;
    const services = state.services.filter(({ settings }) => settings.redispatch);
    return new Set(services.map(({ name }) => numbers.services.get(name) ?? -1));
  }

  /** A port that comes back begins at zero. */
  private forgetCounters(before: DesiredState): void {
    for (const port of gonePorts(before, this.now.state).values()) {
      this.program.maps.port_counters.delete(portCountersKey(port));
    }
  }

  /** Connections that wait for a server that cannot be used any more may go elsewhere with their next SYN. */
  private loseServers(): boolean {
    const lost = lostServers(this.now.state);
    const fresh = freshlyLost(lost, this.lost, this.now.numbers);
    const changed = fresh.size > 0 || lost.size !== this.lost.size;
    this.lost = lost;
    if (fresh.size > 0) this.open.forgetWaiting(fresh);
    return changed;
  }

  private async save(): Promise<void> {
    const { file, indexes } = this.options;
    try {
      await file?.write({ interfaces: indexes, ...this.now });
    } catch (error) {
      this.options.onTrouble?.(`What the kernel holds could not be noted: ${String(error)}`);
    }
  }

  losesPackets(): string | null {
    return fullTable(trackedConnections());
  }

  /** After the end they are what they were then. */
  counters(): PlaneCounters {
    return this.atTheEnd ?? this.countersNow();
  }

  private countersNow(): PlaneCounters {
    this.sweeper.account();
    const { count: used, max: limit } = trackedConnections();
    return {
      ...readCounters({ program: this.program, ...this.now }),
      persistence: this.clients.read(this.now),
      workers: availableParallelism(),
      capacity: this.options.capacity,
      tracked: { used, limit },
    };
  }

  async connections(filter: ConnectionFilter = {}): Promise<Connection[]> {
    return this.atTheEnd ? [] : this.open.list(this.now.numbers, filter);
  }

  async sourceUse(): Promise<SourceUse[]> {
    return this.sourceUses.of(this.now.state);
  }

  systemPorts(): { readonly first: number; readonly last: number } {
    const [first = 0, last = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .split(/\s+/)
      .map(Number);
    return { first, last };
  }

  async reset(filter: ConnectionFilter): Promise<number> {
    return this.atTheEnd ? 0 : this.open.reset(this.now.numbers, filter, this.lost);
  }

  close(timeoutMs: number): Promise<void> {
    this.closing ??= this.shutDown(timeoutMs);
    return this.closing;
  }

  private async shutDown(timeoutMs: number): Promise<void> {
    await this.serially(async () => {
      this.stopped = true;
      // New connections find no server; open ones go on.
      for (const { id } of this.now.numbers.pools.values()) this.program.maps.pools.set(id, { count: 0 });
    });
    await this.untilAllEnded(performance.now() + timeoutMs);
    await this.open.endAll();
    this.atTheEnd = this.countersNow();
    this.sweeper.close();
    this.room.close();
    await this.options.beforeRelease?.();
    for (const index of this.options.indexes) release(index);
    await this.table.remove();
    if (this.options.pins !== null) unpin(this.options.pins);
    await this.options.file?.remove();
    this.endings.close();
    this.program.close();
  }

  private async untilAllEnded(deadline: number): Promise<void> {
    let nextLook = performance.now();
    while (this.active() > 0 && performance.now() < deadline) {
      await delay(CLOSE_POLL_MS);
      // Flows do not say when they end, and looking at all connections takes a while.
      if (performance.now() < nextLook) continue;
      await this.open.endQuietFlows(QUIET_AT_THE_END_MS);
      nextLook = performance.now() + QUIET_AT_THE_END_MS / 4;
    }
  }

  private active(): number {
    const servers = readServers({ program: this.program, ...this.now });
    return [...servers.values()].reduce((sum, { active }) => sum + active, 0);
  }

  /** Changes and the end never overlap, whoever calls. */
  private serially<T>(task: () => Promise<T>): Promise<T | undefined> {
    const result = this.last.then(() => (this.stopped ? undefined : task()));
    this.last = result.catch(() => {});
    return result;
  }
}

function serving({ pools }: DesiredState): string[] {
  return pools.flatMap(({ name: pool, servers }) =>
    servers
      .filter(({ selectable, keepsClients }) => selectable || keepsClients)
      .map(({ name, address }) => `${pool}/${name}@${address}`),
  );
}

/** That the interface is gone with all that was on it is fine. */
export function release(index: number): void {
  try {
    for (const direction of ['ingress', 'egress'] as const) detach(index, direction);
    removeHooks(index);
  } catch {
    return;
  }
}

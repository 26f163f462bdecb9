import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type {
  Change,
  Connection,
  ConnectionFilter,
  DataPlane,
  PlaneCounters,
  SourceUse,
} from '../dataplane.ts';
import { connectionCapacity, descriptorLimit } from './capacity.ts';
import type { Command, ListedConnection, NumberedSourceUse, NumberSelector } from './commands.ts';
import { nameSourceUse, readCounters } from './counters.ts';
import { refuseIfMissing, refuseIfTaken } from './listeners.ts';
import { MaglevTables } from './maglev-tables.ts';
import { FALLBACK_NAME, Names, serverNames } from './names.ts';
import {
  canServe,
  clearPort,
  clearRotation,
  clearServer,
  publishPools,
  withdrawPool,
} from './scheduling-state.ts';
import { portsOf } from './selecting.ts';
import { Ring } from './ring.ts';
import {
  FALLBACK_POSITION,
  openConnections,
  serverId,
  shareState,
  type SharedState,
} from './common-state.ts';
import { type Staged, stage } from './staging.ts';
import { Workers } from './workers.ts';

export interface ProxyPlaneOptions {
  /** Worker threads, 1 to 64; as many as the machine has processors if not given. */
  readonly workers?: number;
  /** Whether to use io_uring where the kernel lets us (the default); plain calls do the same, slower. */
  readonly ioUring?: boolean;
  /** Called once with what came of these options. */
  readonly onStart?: (about: { readonly workers: number; readonly ioUring: boolean }) => void;
  /** A worker died: connections are lost and the process must end. Throws if not given. */
  readonly onFatal?: (error: Error) => void;
  /** Something does not work and is tried again, e.g. another program took a port; a sentence. */
  readonly onTrouble?: (message: string) => void;
}

const MOST_WORKERS = 64;
const DEFAULT_LIST_LIMIT = 1000;
const CLOSE_POLL_MS = 20;
const RETRY_MS = 1000;

/**
 * The in-process data plane: worker threads that each run an epoll loop over libc (worker.ts).
 * @throws PoolgateError TOO_LARGE_FOR_MACHINE when the limit on descriptors leaves no room for connections
 */
export async function createProxyPlane(options: ProxyPlaneOptions = {}): Promise<DataPlane> {
  const count = Math.min(options.workers ?? availableParallelism(), MOST_WORKERS);
  const onFatal =
    options.onFatal ??
    ((error: Error) => {
      throw error;
    });
  const shared = shareState(count);
  const capacity = connectionCapacity(descriptorLimit(), 0);
  shared.limit[0] = capacity;
  const ioUring = (options.ioUring ?? true) && Ring.works();
  const workers = new Workers(count, { capacity, ioUring }, shared, onFatal);
  // All of them run before the first takes a table of its own: see ownDescriptorTable.
  await workers.send([]);
  await workers.send([{ op: 'own-descriptors' }]);
  options.onStart?.({ workers: count, ioUring });
  return new ProxyPlane(shared, workers, options);
}

class ProxyPlane implements DataPlane {
  readonly name = 'proxy';
  private readonly shared: SharedState;
  private readonly workers: Workers;
  private names = new Names();
  private readonly maglev = new MaglevTables();
  private readonly options: ProxyPlaneOptions;
  private last: Promise<unknown> = Promise.resolve();
  private retry: NodeJS.Timeout | null = null;
  private stopped = false;
  private closing: Promise<void> | null = null;

  constructor(shared: SharedState, workers: Workers, options: ProxyPlaneOptions) {
    this.shared = shared;
    this.workers = workers;
    this.options = options;
  }

  async apply(changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) await this.serially(() => this.applyNow(changes));
  }

  private async applyNow(changes: readonly Change[]): Promise<void> {
    const staged = stage(this.names, changes);
    const limit = connectionCapacity(descriptorLimit(), staged.names.ports.size);
    for (const port of staged.unknownPorts) refuseIfTaken(port);
    for (const address of staged.unknownSources) refuseIfMissing(address);
    try {
      await this.workers.send(staged.opening);
    } catch (error) {
      await this.workers.send(staged.addedPorts.map(({ id }) => ({ op: 'remove-port', port: id })));
      throw error;
    }
    await this.commit(staged, limit);
  }

  /** From here on nothing is expected to fail but listening (followServing). The order matters: see each step. */
  private async commit(staged: Staged, limit: number): Promise<void> {
    const { shared, workers } = this;
    for (const { id } of staged.addedServers) clearServer(shared, id);
    for (const { id } of staged.addedPorts) clearPort(shared, id);
    for (const { id } of staged.addedPools) clearServer(shared, serverId(id, FALLBACK_POSITION));
    // Workers know the address of a server before they can choose it,
    await workers.send(staged.addresses);
    this.names = staged.names;
    publishPools(shared, this.names);
    this.maglev.publish(shared, this.names);
    // a pool has its servers before a service chooses from it,
    for (const service of staged.movedServices) clearRotation(shared, service);
    await workers.send(staged.services);
    // and no service chooses from a pool that goes.
    for (const pool of staged.removedPools) withdrawPool(shared, pool);
    shared.limit[0] = limit;
    await workers.send(staged.after);
    await this.followServing();
  }

  /**
   * Ports of a pool that nobody can take connections of refuse them; the others accept. A port that the system does
   * not let us listen on is tried again, and harms no other.
   */
  private async followServing(): Promise<void> {
    const wanted = [...this.names.ports].flatMap(([key, entry]) => {
      const { settings } = this.names.service(entry.service);
      const serving = canServe(this.names.pool(settings.pool), settings.persistenceEntries > 0);
      return serving === entry.serving ? [] : [{ key, port: entry.id, serving }];
    });
    try {
      await this.workers.send(wanted.map(({ port, serving }) => ({ op: 'serve-port', port, serving })));
    } catch (error) {
      this.options.onTrouble?.(error instanceof Error ? error.message : String(error));
      this.retry ??= setTimeout(() => this.retryServing(), RETRY_MS);
      return;
    }
    for (const { key, serving } of wanted) {
      const entry = this.names.ports.get(key);
      if (entry) this.names.ports.set(key, { ...entry, serving });
    }
  }

  private retryServing(): void {
    this.retry = null;
    void this.serially(() => this.followServing());
  }

  /** Changes, retries and the end never overlap, whoever calls. */
  private serially<T>(task: () => Promise<T>): Promise<T | undefined> {
    const result = this.last.then(() => (this.stopped ? undefined : task()));
    this.last = result.catch(() => {});
    return result;
  }

  counters(): PlaneCounters {
    return readCounters(this.shared, this.names, this.workers.count);
  }

  async connections(filter: ConnectionFilter = {}): Promise<Connection[]> {
    const limit = filter.limit ?? DEFAULT_LIST_LIMIT;
    const found: Connection[] = [];
    const lists = await this.select(filter, (selector) => ({ op: 'list', selector, limit }));
    const name = this.namer();
    lists.forEach(({ worker, result }) => {
      if (!Array.isArray(result)) return;
      for (const c of result as readonly ListedConnection[]) found.push(name(worker, c));
    });
    return found.sort((a, b) => b.ageMs - a.ageMs).slice(0, limit);
  }

  async sourceUse(): Promise<SourceUse[]> {
    const answers = await this.workers.send([{ op: 'source-use' }]);
    return nameSourceUse(this.names, answers.flat() as NumberedSourceUse[]);
  }

  systemPorts(): { readonly first: number; readonly last: number } {
    const [first = 0, last = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .split(/\s+/)
      .map(Number);
    return { first, last };
  }

  async reset(filter: ConnectionFilter): Promise<number> {
    const counts = await this.select(filter, (selector) => ({ op: 'reset', selector }));
    return counts.reduce((sum, { result }) => sum + (typeof result === 'number' ? result : 0), 0);
  }

  /** Asks the workers that the filter concerns; none when it names something unknown. */
  private async select(filter: ConnectionFilter, command: (selector: NumberSelector) => Command) {
    const [worker, slot, generation] = filter.id === undefined ? [] : filter.id.split('-').map(Number);
    if (filter.id !== undefined && !(generation !== undefined && generation >= 0)) return [];
    const everyone = Array.from({ length: this.workers.count }, (_, index) => index);
    const asked = worker === undefined ? everyone : everyone.filter((index) => index === worker);
    const single = slot === undefined || generation === undefined ? {} : { slot, generation };
    const selectors = this.selectors(filter).map((selector) => ({ ...selector, ...single }));
    const questions = asked.flatMap((index) => selectors.map((selector) => ({ index, selector })));
    return Promise.all(
      questions.map(async ({ index, selector }) => ({
        worker: index,
        result: await this.workers.sendTo(index, [command(selector)]),
      })),
    );
  }

  /** The numbers that a filter's names stand for; a server's name alone may stand for one in each pool. */
  private selectors(filter: ConnectionFilter): NumberSelector[] {
    const service = filter.service === undefined ? undefined : this.names.services.get(filter.service);
    if (filter.service !== undefined && !service) return [];
    const common = { ...(service && { service: service.id }), ...this.unnamed(filter) };
    if (filter.pool === undefined && filter.realServer === undefined) return [common];
    const pools = [...this.names.pools].filter(([name]) => filter.pool === undefined || filter.pool === name);
    return pools.flatMap(([, pool]): NumberSelector[] => {
      if (filter.realServer === undefined) return [{ ...common, pool: pool.id }];
      const isFallback = filter.realServer === FALLBACK_NAME;
      const id = isFallback ? serverId(pool.id, FALLBACK_POSITION) : pool.servers.get(filter.realServer)?.id;
      return id === undefined ? [] : [{ ...common, server: id }];
    });
  }

  /** The parts of a filter that are about no pool, server or service. */
  private unnamed({ vip, port, client, idleOverMs, ageOverMs }: ConnectionFilter): NumberSelector {
    return {
      ...((vip !== undefined || port !== undefined) && { ports: portsOf(this.names, vip, port) }),
      ...(client !== undefined && { client }),
      ...(idleOverMs !== undefined && { idleOverMs }),
      ...(ageOverMs !== undefined && { ageOverMs }),
    };
  }

  /** From numbers back to names, with the names as they are now. */
  private namer(): (worker: number, c: ListedConnection) => Connection {
    const services = new Map([...this.names.services].map(([name, { id }]) => [id, name]));
    const servers = new Map<number, { pool: string; realServer: string }>();
    for (const [pool, entry] of this.names.pools) {
      for (const [id, realServer] of serverNames(entry)) servers.set(id, { pool, realServer });
    }
    return (worker, { slot, generation, server, service, ...rest }) => ({
      id: `${worker}-${slot}-${generation}`,
      service: services.get(service) ?? '',
      pool: servers.get(server)?.pool ?? '',
      realServer: servers.get(server)?.realServer ?? '',
      ...rest,
    });
  }

  close(timeoutMs: number): Promise<void> {
    this.closing ??= this.shutDown(timeoutMs);
    return this.closing;
  }

  private async shutDown(timeoutMs: number): Promise<void> {
    await this.serially(async () => {
      // A verdict that comes in from here on finds the listeners closed, and changes nothing.
      this.stopped = true;
      if (this.retry) clearTimeout(this.retry);
      await this.workers.send([{ op: 'stop-accepting' }]);
    });
    const deadline = performance.now() + timeoutMs;
    while (openConnections(this.shared) > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, CLOSE_POLL_MS));
    }
    await this.workers.stop();
  }
}

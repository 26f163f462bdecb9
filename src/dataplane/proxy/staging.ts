import { portKey } from '../apply-changes.ts';
import type { Change } from '../dataplane.ts';
import { connectionCapacity, descriptorLimit } from './capacity.ts';
import type { Command } from './commands.ts';
import { closeAll, openListeners } from './listeners.ts';
import { Names, type PortEntry, type ServerEntry, tooMany } from './names.ts';
import { FALLBACK_POSITION, MAX_PORTS, serverId } from './shared.ts';
import { encodeSockaddr } from './sockaddr.ts';

/**
 * What a list of changes comes to: everything that can fail has been done, nothing that traffic notices has. Commands
 * that refer to descriptors are per worker.
 */
export interface Staged {
  readonly names: Names;
  /** Servers that are new, and whose counters start at zero. */
  readonly addedServers: readonly ServerEntry[];
  readonly addedPorts: readonly PortEntry[];
  readonly removedPorts: readonly PortEntry[];
  /** Pools that go, and services that choose from another pool than before, by number. */
  readonly addedPools: readonly { readonly id: number }[];
  readonly removedPools: readonly number[];
  readonly movedServices: readonly number[];
  /** Sent before the new servers can be chosen. */
  readonly addresses: readonly Command[];
  /** Sent when they can be: the services that choose among them, and the ports that lead to these. */
  readonly services: (worker: number) => readonly Command[];
  /** Sent once the new choice is in force. */
  readonly after: readonly Command[];
}

/** @throws PoolgateError as DataPlane.apply does; every socket that was opened is closed again then */
export function stage(current: Names, changes: readonly Change[], workers: number): Staged {
  refuseIfTooMany(current, changes, workers);
  const staging = new Staging(current, workers);
  try {
    for (const change of changes) staging.take(change);
  } catch (error) {
    for (const port of staging.addedPorts) closeAll(port.fds);
    throw error;
  }
  return staging;
}

/** Before the first socket is opened: a config that does not fit must not use up what live traffic needs. */
function refuseIfTooMany(current: Names, changes: readonly Change[], workers: number): void {
  const count = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  const ports = current.ports.size + count('add-port') - count('remove-port');
  if (ports > MAX_PORTS) throw tooMany(MAX_PORTS, 'ports');
  if (count('add-port') > 0) connectionCapacity(descriptorLimit(), ports, workers);
}

class Staging implements Staged {
  readonly names: Names;
  readonly addedServers: ServerEntry[] = [];
  readonly addedPorts: PortEntry[] = [];
  readonly removedPorts: PortEntry[] = [];
  readonly addedPools: { id: number }[] = [];
  readonly removedPools: number[] = [];
  readonly movedServices: number[] = [];
  readonly addresses: Command[] = [];
  readonly after: Command[] = [];
  private readonly settings: Command[] = [];
  private readonly current: Names;
  private readonly workers: number;

  constructor(current: Names, workers: number) {
    this.current = current;
    this.workers = workers;
    this.names = new Names(current);
  }

  readonly services = (worker: number): readonly Command[] => [
    ...this.settings,
    ...this.addedPorts.map(({ id, fds, service, port }): Command => {
      const serviceId = this.names.service(service).id;
      return {
        op: 'add-port',
        port: id,
        fd: fds[worker] ?? -1,
        service: serviceId,
        serverPort: port.serverPort,
      };
    }),
  ];

  take(change: Change): void {
    const { names } = this;
    switch (change.kind) {
      case 'add-pool':
        this.addedPools.push(names.addPool(change.pool));
        return;
      case 'remove-pool':
        return this.removePool(change.pool);
      case 'set-fallback':
        return this.setFallback(change.pool, change.fallback);
      case 'add-server':
        return this.addServer(change.pool, change.server);
      case 'update-server':
        names.updateServer(change.pool, change.server);
        return;
      case 'remove-server':
        return this.removeServer(change.pool, change.server);
      case 'add-service':
      case 'update-service':
        return this.setService(change.service, change.settings);
      case 'remove-service':
        this.after.push({ op: 'remove-service', service: names.removeService(change.service).id });
        return;
      case 'add-port':
        return this.addPort(change.service, change.port);
      case 'update-port':
        return this.updatePort(change.port);
      case 'remove-port':
        return this.removePort(change.port);
    }
  }

  private addServer(pool: string, server: Extract<Change, { kind: 'add-server' }>['server']): void {
    const entry = this.names.addServer(pool, server);
    this.addedServers.push(entry);
    this.addresses.push({
      op: 'set-address',
      server: entry.id,
      sockaddr: encodeSockaddr(server.address, 0),
      port: 0,
    });
  }

  private removeServer(pool: string, name: string): void {
    const entry = this.names.removeServer(pool, name);
    this.after.push({ op: 'reset', selector: { server: entry.id } });
  }

  private removePool(name: string): void {
    const { id } = this.names.removePool(name);
    this.removedPools.push(id);
    this.after.push({ op: 'reset', selector: { pool: id } });
  }

  private setFallback(pool: string, fallback: Extract<Change, { kind: 'set-fallback' }>['fallback']): void {
    const { id } = this.names.setFallback(pool, fallback);
    if (!fallback) return;
    const sockaddr = encodeSockaddr(fallback.address, 0);
    const server = serverId(id, FALLBACK_POSITION);
    this.addresses.push({ op: 'set-address', server, sockaddr, port: fallback.port ?? 0 });
  }

  private setService(name: string, settings: Extract<Change, { kind: 'add-service' }>['settings']): void {
    const { id } = this.names.setService(name, settings);
    const pool = this.names.pool(settings.pool).id;
    const { scheduler, redispatch, connectTimeoutMs, idleTimeoutMs } = settings;
    const numbers = { pool, scheduler, redispatch, connectTimeoutMs, idleTimeoutMs };
    if (this.current.services.get(name)?.settings.pool !== settings.pool) this.movedServices.push(id);
    this.settings.push({ op: 'set-service', service: id, settings: numbers });
  }

  private addPort(service: string, port: Extract<Change, { kind: 'add-port' }>['port']): void {
    const ours = this.current.ports.has(portKey(port));
    this.addedPorts.push(this.names.addPort(service, port, () => openListeners(port, this.workers, ours)));
  }

  private updatePort(port: Extract<Change, { kind: 'update-port' }>['port']): void {
    const { id } = this.names.updatePort(port);
    this.settings.push({ op: 'update-port', port: id, serverPort: port.serverPort });
  }

  private removePort(port: Extract<Change, { kind: 'remove-port' }>['port']): void {
    const entry = this.names.removePort(port);
    this.removedPorts.push(entry);
    this.after.push({ op: 'remove-port', port: entry.id });
  }
}

import { portKey } from '../apply-changes.ts';
import type { Change, PlanePort } from '../dataplane.ts';
import { connectionCapacity, descriptorLimit } from './capacity.ts';
import type { Command } from './commands.ts';
import { guardNumbers, guardTables, refuseIfTooMuchMemory } from './guard/tables.ts';
import { Names, type PortEntry, type ServerEntry, tooMany } from './names.ts';
import { FALLBACK_POSITION, MAX_PORTS, serverId } from './common-state.ts';
import { encodeSockaddr } from './sockaddr.ts';

/** What a list of changes comes to: the names as they will be, and what the workers have to be told, in this order. */
export interface Staged {
  readonly names: Names;
  /** Servers that are new, and whose counters start at zero. */
  readonly addedServers: readonly ServerEntry[];
  readonly addedPorts: readonly PortEntry[];
  /** Of these, those that are new to us, so that another program may have them. */
  readonly unknownPorts: readonly PlanePort[];
  /** Pools that go, and services that choose from another pool than before, by number. */
  readonly addedPools: readonly { readonly id: number }[];
  readonly removedPools: readonly number[];
  readonly movedServices: readonly number[];
  /** SNAT addresses that are new to their service. */
  readonly unknownSources: readonly string[];
  /** Binds the added ports: what can still fail, before anything that traffic notices. */
  readonly opening: readonly Command[];
  /** Sent before the new servers can be chosen. */
  readonly addresses: readonly Command[];
  /** Sent when they can be: the services that choose among them. */
  readonly services: readonly Command[];
  /** Sent once the new choice is in force. */
  readonly after: readonly Command[];
}

/** @throws PoolgateError TOO_LARGE_FOR_MACHINE */
export function stage(current: Names, changes: readonly Change[]): Staged {
  refuseIfTooMany(current, changes);
  const staging = new Staging(current);
  for (const change of changes) staging.take(change);
  return staging;
}

/** Before the first socket is opened: a config that does not fit must not use up what live traffic needs. */
function refuseIfTooMany(current: Names, changes: readonly Change[]): void {
  const count = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  const ports = current.ports.size + count('add-port') - count('remove-port');
  if (ports > MAX_PORTS) throw tooMany(MAX_PORTS, 'ports');
  if (count('add-port') > 0) connectionCapacity(descriptorLimit(), ports);
}

class Staging implements Staged {
  readonly names: Names;
  readonly addedServers: ServerEntry[] = [];
  readonly addedPorts: PortEntry[] = [];
  readonly unknownPorts: PlanePort[] = [];
  readonly addedPools: { id: number }[] = [];
  readonly removedPools: number[] = [];
  readonly movedServices: number[] = [];
  readonly unknownSources: string[] = [];
  readonly opening: Command[] = [];
  readonly addresses: Command[] = [];
  readonly services: Command[] = [];
  readonly after: Command[] = [];
  private readonly current: Names;

  constructor(current: Names) {
    this.current = current;
    this.names = new Names(current);
  }

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
    const others = [...this.names.services].filter(([other]) => other !== name);
    refuseIfTooMuchMemory(
      name,
      settings,
      others.map(([, service]) => service.settings),
    );
    const tables = guardTables(this.names.services.get(name)?.tables ?? null, settings);
    const { id } = this.names.setService(name, settings, tables);
    const pool = this.names.pool(settings.pool).id;
    const { scheduler, redispatch, connectTimeoutMs, idleTimeoutMs, udpIdleMs, snat } = settings;
    const sources = snat && {
      addresses: snat.addresses.map((address) => ({ address, id: this.names.sourceId(address) })),
      ports: snat.ports,
    };
    const before = this.current.services.get(name)?.settings.snat?.addresses ?? [];
    this.unknownSources.push(...(snat?.addresses ?? []).filter((address) => !before.includes(address)));
    const guard = tables && guardNumbers(tables, settings);
    const numbers = {
      pool,
      scheduler,
      redispatch,
      connectTimeoutMs,
      idleTimeoutMs,
      udpIdleMs,
      sources,
      guard,
    };
    if (this.current.services.get(name)?.settings.pool !== settings.pool) this.movedServices.push(id);
    this.services.push({ op: 'set-service', service: id, settings: numbers });
  }

  private addPort(service: string, port: Extract<Change, { kind: 'add-port' }>['port']): void {
    if (!this.current.ports.has(portKey(port))) this.unknownPorts.push(port);
    const entry = this.names.addPort(service, port);
    this.addedPorts.push(entry);
    this.opening.push({
      op: 'open-port',
      port: entry.id,
      address: port,
      service: this.names.service(service).id,
    });
  }

  private updatePort(port: Extract<Change, { kind: 'update-port' }>['port']): void {
    const { id } = this.names.updatePort(port);
    this.services.push({ op: 'update-port', port: id, serverPort: port.serverPort });
  }

  private removePort(port: Extract<Change, { kind: 'remove-port' }>['port']): void {
    this.after.push({ op: 'remove-port', port: this.names.removePort(port).id });
  }
}

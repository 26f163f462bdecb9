import type { PlaneCounters, PortCounters, ServerCounters } from '../dataplane.ts';
import { FALLBACK_NAME, type Names, serverNames } from './names.ts';
import {
  type CounterColumns,
  PORT_COUNTERS,
  type PortCounter,
  SERVER_COUNTERS,
  type ServerCounter,
  type SharedState,
} from './shared.ts';

/** Adds up what the workers counted. */
export function readCounters(shared: SharedState, names: Names, workers: number): PlaneCounters {
  const servers = new Map<string, ServerCounters>();
  for (const [poolName, pool] of names.pools) {
    for (const [id, name] of serverNames(pool)) {
      if (name === FALLBACK_NAME && !pool.fallback) continue;
      const sums = sum<ServerCounter>(SERVER_COUNTERS, shared.serverCounters, id);
      servers.set(`${poolName}/${name}`, { ...sums, active: Atomics.load(shared.active, id) });
    }
  }
  const ports: PortCounters[] = [...names.ports.values()].map(({ id, service, port }) => ({
    service,
    vip: port.vip,
    protocol: port.protocol,
    port: port.port,
    ...sum<PortCounter>(PORT_COUNTERS, shared.portCounters, id),
  }));
  return { servers, ports, workers, capacity: (shared.limit[0] ?? 0) * workers };
}

function sum<Name extends string>(
  names: readonly Name[],
  workers: readonly CounterColumns<Name>[],
  id: number,
): Record<Name, number> {
  const total = (name: Name): number => workers.reduce((all, columns) => all + (columns[name][id] ?? 0), 0);
  return Object.fromEntries(names.map((name) => [name, total(name)])) as Record<Name, number>;
}

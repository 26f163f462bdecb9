/** What the data plane is to do, as a pure function of the config and of where its servers stand. */
import type { DesiredState, PlanePort, PlaneServer, PlaneService } from '../dataplane/dataplane.ts';
import type { EffectiveConfig, EffectiveService } from '../model/effective.ts';
import type { Standing } from './standing.ts';

/** @param drainIsOver whether the drain of the server with this key is past its deadline */
export function desiredState(
  config: EffectiveConfig,
  all: readonly Standing[],
  drainIsOver: (key: string) => boolean = () => false,
): DesiredState {
  return {
    pools: config.pools.map((pool) => ({
      name: pool.name,
      servers: all.filter((s) => s.pool.name === pool.name).map((s) => desiredServer(s, drainIsOver(s.key))),
      fallback: pool.fallback,
    })),
    services: config.services.map(desiredService),
  };
}

function desiredServer(standing: Standing, drainIsOver: boolean): PlaneServer {
  const { pool, server, weight, verdict, draining, health } = standing;
  const { name, address, maxConnections } = server;
  // Past the deadline nobody comes back: no second deadline would end what is opened then.
  const keepsClients = draining && !drainIsOver && health === 'up' && pool.drain.keepPersistence;
  return { name, address, weight, selectable: verdict.selectable, keepsClients, maxConnections };
}

function desiredService(service: EffectiveService): PlaneService {
  const { name, pool, scheduler, redispatch, connectTimeoutMs, idleTimeoutMs, udpIdleMs, persistence } =
    service;
  return {
    name,
    settings: {
      pool,
      scheduler,
      redispatch,
      nat: service.nat,
      snat: service.snat,
      connectTimeoutMs,
      idleTimeoutMs,
      udpIdleMs,
      persistenceEntries: persistence?.maxEntries ?? 0,
      persistenceTimeoutMs: persistence?.timeoutMs ?? 0,
      maxConnections: service.maxConnections,
      connectionsPerSource: service.limits.connectionsPerSource,
      newConnectionsPerSecondPerSource: service.limits.newConnectionsPerSecondPerSource,
    },
    ports: service.ports.flatMap((range) =>
      Array.from(
        { length: range.last - range.first + 1 },
        (_, i): PlanePort => ({
          vip: service.vip,
          protocol: range.protocol,
          port: range.first + i,
          serverPort: range.serverFirst + i,
        }),
      ),
    ),
  };
}

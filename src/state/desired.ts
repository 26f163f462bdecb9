/** What the data plane is to do, as a pure function of the config and of where its servers stand. */
import type { DesiredState, PlanePort, PlaneServer, PlaneService } from '../dataplane/dataplane.ts';
import type { EffectiveConfig, EffectiveService } from '../model/effective.ts';
import type { Standing } from './standing.ts';

export function desiredState(config: EffectiveConfig, all: readonly Standing[]): DesiredState {
  return {
    pools: config.pools.map((pool) => ({
      name: pool.name,
      servers: all.filter((s) => s.pool.name === pool.name).map(desiredServer),
      fallback: pool.fallback,
    })),
    services: config.services.map(desiredService),
  };
}

function desiredServer(standing: Standing): PlaneServer {
  const { server, weight, verdict } = standing;
  return { name: server.name, address: server.address, weight, selectable: verdict.selectable };
}

function desiredService(service: EffectiveService): PlaneService {
  const { name, pool, scheduler, redispatch, connectTimeoutMs, idleTimeoutMs, udpIdleMs } = service;
  return {
    name,
    settings: { pool, scheduler, redispatch, connectTimeoutMs, idleTimeoutMs, udpIdleMs },
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

/** What the data plane is to do, as a pure function of config, live changes and health. */
import type { DesiredState, PlanePort, PlaneServer, PlaneService } from '../dataplane/dataplane.ts';
import type {
  EffectiveConfig,
  EffectivePool,
  EffectiveServer,
  EffectiveService,
} from '../model/effective.ts';
import type { Health } from './contract.ts';
import type { Overrides } from './overrides.ts';
import { liveValues } from './overrides.ts';
import { verdictOf } from './usable.ts';

export type HealthOf = (pool: EffectivePool, server: EffectiveServer) => Health;

export function desiredState(
  config: EffectiveConfig,
  overrides: Overrides,
  healthOf: HealthOf,
): DesiredState {
  return {
    pools: config.pools.map((pool) => ({
      name: pool.name,
      servers: pool.realServers.map((server): PlaneServer => {
        const { admin, weight } = liveValues(overrides, pool.name, server);
        const { selectable } = verdictOf(admin, weight, healthOf(pool, server));
        return { name: server.name, address: server.address, weight, selectable };
      }),
      fallback: pool.fallback,
    })),
    services: config.services.map(desiredService),
  };
}

function desiredService(service: EffectiveService): PlaneService {
  const { name, pool, scheduler, redispatch, connectTimeoutMs, idleTimeoutMs } = service;
  return {
    name,
    settings: { pool, scheduler, redispatch, connectTimeoutMs, idleTimeoutMs },
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

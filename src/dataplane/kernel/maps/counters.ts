/** What the programs counted, by the names that an administrator knows. */
import type {
  DesiredState,
  PersistenceCounters,
  PlaneCounters,
  PortCounters,
  ServerCounters,
} from '../../dataplane.ts';
import { FALLBACK_NAME } from '../../proxy/names.ts';
import type { BpfProgram } from '../bpf/program.ts';
import { FALLBACK_POSITION, type Numbers } from './numbers.ts';
import { addressValue } from './render.ts';

interface PoolState {
  readonly active: readonly number[];
  readonly total: readonly bigint[];
}

interface Counted {
  readonly total: bigint;
  readonly refused: bigint;
  readonly at_server_limits: bigint;
  readonly at_service_limit: bigint;
  readonly at_source_limit: bigint;
  readonly at_source_rate: bigint;
}

/** Totals of a position when its server got it; what came before was somebody else's. By pool, name and generation. */
export type Baselines = ReadonlyMap<string, bigint>;

export interface CounterSource {
  readonly program: BpfProgram;
  readonly state: DesiredState;
  readonly numbers: Numbers;
  readonly baselines: Baselines;
}

export function baselineKey(pool: string, server: string, generation: number): string {
  return `${pool}/${server} ${generation}`;
}

export function readServers(source: CounterSource): Map<string, ServerCounters> {
  const { program, state, numbers, baselines } = source;
  const found = new Map<string, ServerCounters>();
  for (const { name: pool, fallback } of state.pools) {
    const ids = numbers.pools.get(pool);
    if (!ids) continue;
    const counted = program.maps.pool_states.get(ids.id) as unknown as PoolState;
    const add = (name: string, position: number, base: bigint): void => {
      found.set(`${pool}/${name}`, serverCounters(counted, position, base));
    };
    for (const [name, { position, generation }] of ids.servers) {
      add(name, position, baselines.get(baselineKey(pool, name, generation)) ?? 0n);
    }
    if (fallback) add(FALLBACK_NAME, FALLBACK_POSITION, 0n);
  }
  return found;
}

function serverCounters({ active, total }: PoolState, position: number, base: bigint): ServerCounters {
  return {
    active: active[position] ?? 0,
    total: Number((total[position] ?? 0n) - base),
    bytesIn: 0,
    bytesOut: 0,
    connectErrors: 0,
    connectTimeouts: 0,
    redispatches: 0,
    sourceShortages: 0,
    idleExpired: 0,
    serverResets: 0,
    clientResets: 0,
  };
}

export function readPorts({ program, state }: CounterSource): PortCounters[] {
  return state.services.flatMap(({ name: service, ports }) =>
    ports.map(({ vip, protocol, port }): PortCounters => {
      const key = { vip: addressValue(vip), port, protocol: protocol === 'tcp' ? 6 : 17 };
      const counted = program.maps.port_counters.get(key) as unknown as Counted | null;
      return {
        service,
        vip,
        protocol,
        port,
        active: 0,
        total: Number(counted?.total ?? 0n),
        refused: Number(counted?.refused ?? 0n),
        atServerLimits: Number(counted?.at_server_limits ?? 0n),
        atServiceLimit: Number(counted?.at_service_limit ?? 0n),
        atSourceLimit: Number(counted?.at_source_limit ?? 0n),
        atSourceRate: Number(counted?.at_source_rate ?? 0n),
        bytesIn: 0,
        bytesOut: 0,
      };
    }),
  );
}

export function readPersistence({ state }: CounterSource): Map<string, PersistenceCounters> {
  const known = state.services.filter(({ settings }) => settings.persistenceEntries > 0);
  return new Map(
    known.map(({ name, settings }) => [
      name,
      { entries: 0, maxEntries: settings.persistenceEntries, evicted: 0, notKept: 0 },
    ]),
  );
}

export function readCounters(source: CounterSource, workers: number, capacity: number): PlaneCounters {
  return {
    servers: readServers(source),
    ports: readPorts(source),
    persistence: readPersistence(source),
    workers,
    capacity,
  };
}

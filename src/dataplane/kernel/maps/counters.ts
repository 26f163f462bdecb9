/** What the programs counted, by the names that an administrator knows. */
import type { Value } from '../bpf/codec.ts';
import type {
  DesiredState,
  PlanePort,
  PlaneCounters,
  PortCounters,
  ServerCounters,
} from '../../dataplane.ts';
import { FALLBACK_NAME } from '../../proxy/names.ts';
import type { BpfProgram } from '../bpf/program.ts';
import { FALLBACK_POSITION, type Numbers } from './numbers.ts';
import { addressValue } from './render.ts';

/** Sums of a position since the programs began, by the names that bpf/maps.h gives them. */
const SUMS = {
  total: 'total',
  bytesIn: 'bytes_in',
  bytesOut: 'bytes_out',
  connectErrors: 'connect_errors',
  connectTimeouts: 'connect_timeouts',
  redispatches: 'redispatches',
  sourceShortages: 'source_shortages',
  idleExpired: 'idle_expired',
  serverResets: 'server_resets',
  clientResets: 'client_resets',
} as const;
type Sum = keyof typeof SUMS;
const SUM_NAMES = Object.keys(SUMS) as Sum[];

type PoolState = { readonly active: readonly number[] } & {
  readonly [name in (typeof SUMS)[Sum]]: readonly bigint[];
};

const PORT_SUMS = {
  active: 'active',
  total: 'total',
  refused: 'refused',
  atServerLimits: 'at_server_limits',
  atServiceLimit: 'at_service_limit',
  atSourceLimit: 'at_source_limit',
  atSourceRate: 'at_source_rate',
  bytesIn: 'bytes_in',
  bytesOut: 'bytes_out',
} as const;
type PortSum = keyof typeof PORT_SUMS;
const PORT_SUM_NAMES = Object.keys(PORT_SUMS) as PortSum[];

/** Sums of a position when its server got it: what came before was somebody else's. In the order of SUMS. */
export type Baseline = readonly bigint[];
/** By pool, name and generation. */
export type Baselines = ReadonlyMap<string, Baseline>;

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
    const add = (name: string, position: number, base: Baseline | undefined): void => {
      found.set(`${pool}/${name}`, serverCounters(counted, position, base));
    };
    for (const [name, { position, generation }] of ids.servers) {
      add(name, position, baselines.get(baselineKey(pool, name, generation)));
    }
    if (fallback) add(FALLBACK_NAME, FALLBACK_POSITION, undefined);
  }
  return found;
}

function serverCounters(counted: PoolState, position: number, base: Baseline | undefined): ServerCounters {
  const sums = SUM_NAMES.map((name, i) => [
    name,
    Number((counted[SUMS[name]][position] ?? 0n) - (base?.[i] ?? 0n)),
  ]);
  return {
    active: counted.active[position] ?? 0,
    ...(Object.fromEntries(sums) as Record<Sum, number>),
  };
}

/** Of the servers that have none yet: the sums of their positions as they are now. */
export function baselinesOf(program: BpfProgram, numbers: Numbers, known: Baselines): Baselines {
  const found = new Map<string, Baseline>();
  for (const [pool, { id, servers }] of numbers.pools) {
    const counted = program.maps.pool_states.get(id) as unknown as PoolState;
    for (const [name, { position, generation }] of servers) {
      const key = baselineKey(pool, name, generation);
      found.set(key, known.get(key) ?? SUM_NAMES.map((sum) => counted[SUMS[sum]][position] ?? 0n));
    }
  }
  return found;
}

export function readPorts({ program, state }: CounterSource): PortCounters[] {
  return state.services.flatMap(({ name: service, ports }) =>
    ports.map(({ vip, protocol, port }): PortCounters => {
      const counted = program.maps.port_counters.get(portCountersKey({ vip, protocol, port }));
      const sums = PORT_SUM_NAMES.map((name) => [name, Number(memberOf(counted, PORT_SUMS[name]))]);
      return { service, vip, protocol, port, ...(Object.fromEntries(sums) as Record<PortSum, number>) };
    }),
  );
}

function memberOf(counted: Value | null, name: string): bigint {
  return (counted as Record<string, bigint> | null)?.[name] ?? 0n;
}

export function portCountersKey({
  vip,
  protocol,
  port,
}: Pick<PlanePort, 'vip' | 'protocol' | 'port'>): Value {
  return { vip: addressValue(vip), port, protocol: protocol === 'tcp' ? 6 : 17 };
}

export function readCounters(source: CounterSource): Pick<PlaneCounters, 'servers' | 'ports'> {
  return { servers: readServers(source), ports: readPorts(source) };
}

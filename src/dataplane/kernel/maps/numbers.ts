/**
 * Which number stands for which name in the kernel's maps and marks. A number that is freed by a step is not given out
 * again in that step, and those that marks carry go round, so that none comes back while packets still say it. Pure.
 */
import { PoolgateError } from '../../../lib/errors.ts';
import type { DesiredState, PlanePool } from '../../dataplane.ts';
import { MOST_SOURCES, MOST_TARGETS } from '../nat/mark.ts';

/** What bpf/maps.h has room for. */
export const MAX_POOLS = 128;
export const MAX_SERVICES = 256;
/** Positions of a pool; the last one is its fallback's. */
export const FALLBACK_POSITION = 63;
const MOST_RANGES = 65_535;

export interface ServerNumber {
  readonly position: number;
  /** Another one for every server that ever had the position. */
  readonly generation: number;
  readonly address: string;
}

export interface PoolNumbers {
  readonly id: number;
  readonly servers: ReadonlyMap<string, ServerNumber>;
}

/** Numbers that go round: by what they stand for, and the one that was given out last. */
export interface Round {
  readonly last: number;
  readonly of: ReadonlyMap<string, number>;
}

export interface Numbers {
  readonly pools: ReadonlyMap<string, PoolNumbers>;
  readonly services: ReadonlyMap<string, number>;
  readonly targets: Round;
  readonly sources: Round;
  /** Of port ranges whose servers have other ports. */
  readonly ranges: Round;
  readonly lastGeneration: number;
}

const NO_ROUND: Round = { last: 0, of: new Map() };

export const NO_NUMBERS: Numbers = {
  pools: new Map(),
  services: new Map(),
  targets: NO_ROUND,
  sources: NO_ROUND,
  ranges: NO_ROUND,
  lastGeneration: 0,
};

/** What is to have a number beside pools, servers and services: each by a text of its own. */
export interface Wanted {
  readonly targets: Iterable<string>;
  readonly sources: Iterable<string>;
  readonly ranges: Iterable<string>;
}

/**
 * Numbers for all that the state names: those it had before, and fresh ones.
 * @throws PoolgateError TOO_LARGE_FOR_MACHINE
 */
export function assign(before: Numbers, state: DesiredState, wanted: Wanted): Numbers {
  const pools = lowest(before.pools, state.pools, ({ id }) => id, MAX_POOLS, 'pools');
  const services = lowest(before.services, state.services, (id) => id, MAX_SERVICES, 'virtual services');
  let generation = before.lastGeneration;
  const numbered = state.pools.map((pool): [string, PoolNumbers] => {
    const id = pools.get(pool.name) ?? 0;
    const servers = positions(before.pools.get(pool.name), pool, () => (generation += 1));
    return [pool.name, { id, servers }];
  });
  return {
    pools: new Map(numbered),
    services,
    targets: goRound(before.targets, wanted.targets, MOST_TARGETS, 'different servers and server ports'),
    sources: goRound(before.sources, wanted.sources, MOST_SOURCES, 'SNAT addresses'),
    ranges: goRound(before.ranges, wanted.ranges, MOST_RANGES, 'mapped ranges of ports'),
    lastGeneration: generation,
  };
}

function positions(
  before: PoolNumbers | undefined,
  pool: PlanePool,
  nextGeneration: () => number,
): Map<string, ServerNumber> {
  const old = before?.servers ?? new Map<string, ServerNumber>();
  // A server of another address is another server, which must not have the place of the one before.
  const staying = pool.servers.filter(({ name, address }) => old.get(name)?.address === address);
  const kept = new Map(staying.map(({ name }) => [name, old.get(name) as ServerNumber]));
  const taken = new Set([...old.values()].map(({ position }) => position));
  const found = new Map<string, ServerNumber>();
  for (const { name, address } of pool.servers) {
    const number = kept.get(name);
    if (number) {
      found.set(name, number);
      continue;
    }
    const position = lowestFree(taken, FALLBACK_POSITION, `servers in pool ${pool.name}`);
    taken.add(position);
    found.set(name, { position, generation: nextGeneration(), address });
  }
  return found;
}

function lowest<T>(
  before: ReadonlyMap<string, T>,
  named: readonly { readonly name: string }[],
  idOf: (entry: T) => number,
  limit: number,
  what: string,
): Map<string, number> {
  const taken = new Set([...before.values()].map(idOf));
  const found = new Map<string, number>();
  for (const { name } of named) {
    const old = before.get(name);
    const id = old === undefined ? lowestFree(taken, limit, what) : idOf(old);
    taken.add(id);
    found.set(name, id);
  }
  return found;
}

function lowestFree(taken: ReadonlySet<number>, limit: number, what: string): number {
  for (let id = 0; id < limit; id++) if (!taken.has(id)) return id;
  throw tooMany(limit, what);
}

/** 1 to `most`, each in its turn. */
function goRound(before: Round, wanted: Iterable<string>, most: number, what: string): Round {
  const of = new Map<string, number>();
  const fresh: string[] = [];
  for (const key of new Set(wanted)) {
    const old = before.of.get(key);
    if (old === undefined) fresh.push(key);
    else of.set(key, old);
  }
  const taken = new Set(before.of.values());
  let last = before.last;
  for (const key of fresh) {
    if (taken.size >= most) throw tooMany(most, what);
    do last = (last % most) + 1;
    while (taken.has(last));
    taken.add(last);
    of.set(key, last);
  }
  return { last, of };
}

/** A config that is larger than the maps. */
export function tooMany(limit: number, what: string): PoolgateError {
  return new PoolgateError('TOO_LARGE_FOR_MACHINE', `the kernel data plane holds at most ${limit} ${what}`);
}

/** Whether all servers find a place while those that go still have theirs. */
export function fits(before: Numbers, { pools }: DesiredState): boolean {
  return pools.every((pool) => {
    const old = before.pools.get(pool.name)?.servers;
    const fresh = pool.servers.filter(({ name, address }) => old?.get(name)?.address !== address);
    return fresh.length + (old?.size ?? 0) <= FALLBACK_POSITION || pool.servers.length > FALLBACK_POSITION;
  });
}

/** The same state, of each pool with those servers alone that it has already. */
export function withoutNewServers(before: Numbers, state: DesiredState): DesiredState {
  const isOld = (pool: string, name: string, address: string): boolean =>
    before.pools.get(pool)?.servers.get(name)?.address === address;
  return {
    ...state,
    pools: state.pools.map((pool) => ({
      ...pool,
      servers: pool.servers.filter(({ name, address }) => isOld(pool.name, name, address)),
    })),
  };
}

/** As JSON, for the process after this one. */
export function numbersToJson(numbers: Numbers): unknown {
  return JSON.parse(
    JSON.stringify(numbers, (_, value: unknown) => (value instanceof Map ? [...value] : value)),
  );
}

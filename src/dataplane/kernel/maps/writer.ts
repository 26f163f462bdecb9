/** Writes what is rendered into the kernel's maps: only what changed, and in an order in which nothing points nowhere. */
import type { Value } from '../bpf/codec.ts';
import type { BpfMap, BpfProgram } from '../bpf/program.ts';
import type { Candidate } from '../../../scheduler/maglev.ts';
import type { Numbers } from './numbers.ts';
import { type Entry, maglevValue, type Rendering } from './render.ts';

const NOTHING = {
  vips: new Map<string, Entry>(),
  mappedTargets: new Map<string, Entry>(),
  pools: new Map<number, Value>(),
  services: new Map<number, Value>(),
  sourceAddresses: new Map<number, Value>(),
  maglevs: new Map<number, readonly Candidate[]>(),
} satisfies Partial<Rendering>;

type Written = Pick<Rendering, keyof typeof NOTHING>;

export class MapWriter {
  private readonly program: BpfProgram;
  private written: Written = NOTHING;
  private adopting = false;

  constructor(program: BpfProgram) {
    this.program = program;
  }

  /** The maps were written by a process before: all is written anew, and what is not wanted any more goes. */
  adopt(numbers: Numbers): void {
    this.adopting = true;
    const pools = [...numbers.pools.values()].map(({ id }): [number, Value] => [id, {}]);
    const services = [...numbers.services.values()].map((id): [number, Value] => [id, {}]);
    this.written = { ...NOTHING, pools: new Map(pools), services: new Map(services) };
  }

  /**
   * Servers are there before services that choose them, services before the ports that lead to them. What the new state
   * has no more keeps no port and no usable server; `clear` takes the rest away once its connections have ended.
   * @throws PoolgateError SYSTEM
   */
  write(next: Written): void {
    const { maps } = this.program;
    const old = this.written;
    for (const [id, value] of changed(old.pools, next.pools)) maps.pools.set(id, value);
    for (const [id, candidates] of changed(old.maglevs, next.maglevs)) {
      maps.maglevs.set(id, maglevValue(candidates));
    }
    for (const [, { key, value }] of changed(old.mappedTargets, next.mappedTargets)) {
      maps.mapped_targets.set(key, value);
    }
    for (const [id, value] of changed(old.sourceAddresses, next.sourceAddresses)) {
      maps.source_addresses.set(id, value);
    }
    for (const [id, value] of changed(old.services, next.services)) maps.services.set(id, value);
    for (const [, { key, value }] of changed(old.vips, next.vips)) maps.vips.set(key, value);
    for (const [, { key }] of gone(old.vips, next.vips)) maps.vips.delete(key);
    if (this.adopting) {
      removeOthers(maps.vips, next.vips);
      removeOthers(maps.mapped_targets, next.mappedTargets);
    }
    this.adopting = false;
    for (const [id] of gone(old.pools, next.pools)) maps.pools.set(id, { count: 0 });
    for (const [, { key }] of gone(old.mappedTargets, next.mappedTargets)) maps.mapped_targets.delete(key);
    for (const [id] of gone(old.services, next.services)) maps.services.set(id, {});
    this.written = next;
  }
}

function removeOthers(map: BpfMap, wanted: ReadonlyMap<string, Entry>): void {
  const kept = new Set([...wanted.values()].map(({ key }) => text(key)));
  for (const key of map.keys()) if (!kept.has(text(key))) map.delete(key);
}

function* changed<K, V>(old: ReadonlyMap<K, V>, next: ReadonlyMap<K, V>): Generator<[K, V]> {
  for (const [key, value] of next) if (!same(old.get(key), value)) yield [key, value];
}

function* gone<K, V>(old: ReadonlyMap<K, V>, next: ReadonlyMap<K, V>): Generator<[K, V]> {
  for (const [key, value] of old) if (!next.has(key)) yield [key, value];
}

function same(a: unknown, b: unknown): boolean {
  return a !== undefined && text(a) === text(b);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));
}

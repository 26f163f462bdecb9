/** Which clients services remember, and count: tables that come and go with the settings, and how full they are. */
import type { DesiredState, PersistenceCounters, PlaneServiceSettings } from '../../dataplane.ts';
import { encode } from '../bpf/codec.ts';
import type { BpfMap, BpfProgram } from '../bpf/program.ts';
import { runProgram } from '../bpf/run.ts';
import { settle } from '../settle.ts';
import type { Numbers } from './numbers.ts';

export interface Step {
  readonly state: DesiredState;
  readonly numbers: Numbers;
}

/** What a service's table has had, so that what it has not any more and nobody removed was given up by the kernel. */
interface Account {
  /** Clients ever known when the table was made. */
  readonly base: bigint;
  removed: number;
  evicted: number;
}

interface Look {
  readonly counters: PersistenceCounters;
  readonly goodUntil: number;
}

/** A look at a large table takes a while, and is good for so many times longer. */
const GOOD_FOR = 20;
const SHORT_MS = 20;
const NS_PER_MS = 1_000_000n;

export class KnownClients {
  private readonly program: BpfProgram;
  private readonly accounts = new Map<number, Account>();
  private readonly looks = new Map<number, Look>();

  constructor(program: BpfProgram) {
    this.program = program;
  }

  /** Makes the tables that the next state wants and the one before has not. @throws PoolgateError SYSTEM */
  prepare(before: Step, after: Step): void {
    for (const { id, was, settings } of changes(before, after)) {
      if (was?.persistenceEntries === settings.persistenceEntries) continue;
      this.program.setPersistence(id, settings.persistenceEntries);
      this.accounts.set(id, { base: this.everKnown(id), removed: 0, evicted: 0 });
      this.looks.delete(id);
    }
  }

  /** When the maps say what the next state wants: who has connections already is known, and counts. */
  adopt(before: Step, after: Step): void {
    for (const { id, was, settings } of changes(before, after)) {
      if (!was) continue;
      const { persistenceEntries } = settings;
      const clients = persistenceEntries > 0 && persistenceEntries !== was.persistenceEntries;
      const sources = limitsSources(settings) && !limitsSources(was);
      if (!clients && !sources) continue;
      settle();
      const asked = { service: id, clients: Number(clients), sources: Number(sources) };
      runProgram(this.program.fd('adopt'), encode(this.program.layout('adopt'), asked));
    }
  }

  /** By virtual service; only those with persistence. @throws PoolgateError SYSTEM */
  read({ state, numbers }: Step): Map<string, PersistenceCounters> {
    const found = new Map<string, PersistenceCounters>();
    for (const { name, settings } of state.services) {
      const id = numbers.services.get(name);
      if (settings.persistenceEntries > 0 && id !== undefined) found.set(name, this.lookAt(id, settings));
    }
    return found;
  }

  private lookAt(id: number, settings: PlaneServiceSettings): PersistenceCounters {
    const start = performance.now();
    const last = this.looks.get(id);
    if (last && start < last.goodUntil) return last.counters;
    const known = this.everKnown(id);
    const timeoutNs = BigInt(settings.persistenceTimeoutMs) * NS_PER_MS;
    const { live, removed, present } = this.program.withKnownClients(id, (table) =>
      tidy(table, timeoutNs),
    ) ?? { live: 0, removed: 0, present: 0 };
    // Of a table that a process before this one made, nobody knows what went before.
    const account = this.accounts.get(id) ?? { base: known - BigInt(present), removed: 0, evicted: 0 };
    account.removed += removed;
    const missing = Number(known - account.base) - account.removed - present;
    account.evicted = Math.max(account.evicted, missing);
    this.accounts.set(id, account);
    const counters = {
      entries: Math.min(live, settings.persistenceEntries),
      maxEntries: settings.persistenceEntries,
      evicted: account.evicted,
      // A full table of the kernel always gives up another one.
      notKept: 0,
    };
    const took = performance.now() - start;
    this.looks.set(id, { counters, goodUntil: took > SHORT_MS ? start + GOOD_FOR * took : 0 });
    return counters;
  }

  private everKnown(id: number): bigint {
    return (this.program.maps.service_states.get(id) as { known: bigint } | null)?.known ?? 0n;
  }
}

/**
 * Counts the entries, and removes those past their time: what the kernel gives up is then what was given up too early. Each
 * is looked at once more before; a client that comes back within that microsecond is remembered from its next connection on.
 */
function tidy(table: BpfMap, timeoutNs: bigint): { live: number; present: number; removed: number } {
  const now = process.hrtime.bigint();
  const usedAt = offsetOf(table, 'used_ns');
  const holdersAt = offsetOf(table, 'holders');
  /** As `is_stale` in bpf/persistence.h. */
  const isOver = (view: DataView, at: number): boolean =>
    view.getUint32(at + holdersAt, true) === 0 && view.getBigUint64(at + usedAt, true) + timeoutNs <= now;
  let live = 0;
  let removed = 0;
  let present = 0;
  for (const { keys, values, count } of table.batches()) {
    for (let i = 0; i < count; i++) {
      present += 1;
      if (!isOver(values, i * table.value.size)) {
        live += 1;
        continue;
      }
      const key = table.keyAt(keys, i);
      const again = table.bytesOf(key);
      if (again === null || !isOver(again, 0)) continue;
      table.delete(key);
      removed += 1;
    }
  }
  return { live, removed, present: present - removed };
}

function offsetOf({ value }: BpfMap, member: string): number {
  const found = value.kind === 'struct' ? value.members.get(member) : undefined;
  if (!found) throw new Error(`known_client has no ${member}`);
  return found.offset;
}

interface ServiceChange {
  readonly id: number;
  /** Absent: the service is new. */
  readonly was: PlaneServiceSettings | undefined;
  readonly settings: PlaneServiceSettings;
}

function changes(before: Step, after: Step): ServiceChange[] {
  const old = new Map(before.state.services.map(({ name, settings }) => [name, settings]));
  return after.state.services.flatMap(({ name, settings }) => {
    const id = after.numbers.services.get(name);
    return id === undefined ? [] : [{ id, was: old.get(name), settings }];
  });
}

function limitsSources(settings: PlaneServiceSettings): boolean {
  return settings.connectionsPerSource > 0 || settings.newConnectionsPerSecondPerSource > 0;
}

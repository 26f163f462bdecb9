/** How many clients a service with persistence knows: the kernel's table counts nothing, so its entries are looked at. */
import type { BpfMap, BpfProgram } from '../bpf/program.ts';

/** A look may take this part of the time at most, and is good for so many milliseconds at least. */
const PART = 20;
const GOOD_FOR_MS = 50;

interface Counted {
  readonly clients: number;
  /** performance.now() */
  readonly until: number;
}

/** By program and number of the service; gone with the program. */
const counted = new WeakMap<BpfProgram, Map<number, Counted>>();

/** @param timeoutMs how long a client is known after its last connection */
export function knownClients(program: BpfProgram, service: number, timeoutMs: number): number {
  const of = counted.get(program) ?? new Map<number, Counted>();
  counted.set(program, of);
  const before = of.get(service);
  const startedAt = performance.now();
  if (before && startedAt < before.until) return before.clients;
  const oldest = process.hrtime.bigint() - BigInt(timeoutMs) * 1_000_000n;
  const clients = program.withKnownClients(service, (table) => countKnown(table, oldest)) ?? 0;
  const now = performance.now();
  of.set(service, { clients, until: now + Math.max(GOOD_FOR_MS, (now - startedAt) * PART) });
  return clients;
}

/** What is over its time stands there until its place is needed; nobody is sent by it. `is_stale` in bpf/persistence.h. */
function countKnown(table: BpfMap, oldest: bigint): number {
  const used = offsetOf(table, 'used_ns');
  const holders = offsetOf(table, 'holders');
  let clients = 0;
  for (const { count, values } of table.batches()) {
    for (let i = 0; i < count; i++) {
      const at = i * table.value.size;
      if (values.getUint32(at + holders, true) > 0 || values.getBigUint64(at + used, true) > oldest)
        clients++;
    }
  }
  return clients;
}

function offsetOf({ value }: BpfMap, member: string): number {
  const found = value.kind === 'struct' ? value.members.get(member) : undefined;
  if (!found) throw new Error(`known_client has no ${member}`);
  return found.offset;
}

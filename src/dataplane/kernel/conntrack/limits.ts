/**
 * How many connections conntrack can hold (net.netfilter, nf_conntrack-sysctl in the kernel's documentation). The count and
 * the accounting are of our network namespace; the maximum is of the machine, and only its first namespace may change it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { PoolgateError } from '../../../lib/errors.ts';

export interface TrackedConnections {
  readonly count: number;
  readonly max: number;
}

export interface Sysctls {
  /** @param name such as `nf_conntrack_max`; null: the kernel has none of this name */
  read(name: string): number | null;
  write(name: string, value: number): void;
}

const FOLDER = '/proc/sys/net/netfilter';

export const sysctls: Sysctls = {
  read(name) {
    try {
      return Number(readFileSync(`${FOLDER}/${name}`, 'utf8'));
    } catch {
      return null;
    }
  },
  write: (name, value) => writeFileSync(`${FOLDER}/${name}`, `${value}\n`),
};

/** From this share on the kernel is about to drop new connections, ours and everybody else's. */
export const NEARLY_FULL = 0.8;

/** @throws PoolgateError SYSTEM where the kernel tracks no connections */
export function trackedConnections(from: Sysctls = sysctls): TrackedConnections {
  const count = from.read('nf_conntrack_count');
  const max = from.read('nf_conntrack_max');
  if (count === null || max === null) {
    const hint = 'Load the module (`modprobe nf_conntrack`), or write dataPlane: proxy.';
    throw new PoolgateError('SYSTEM', 'The kernel tracks no connections: it has no nf_conntrack.', { hint });
  }
  return { count, max };
}

export function nearlyFull({ count, max }: TrackedConnections): boolean {
  return count >= NEARLY_FULL * max;
}

/** The kernel drops new connections then, and tells their clients nothing. An entry or two that are free change little. */
const FULL = 0.99;

/** Null while there is room. */
export function fullTable({ count, max }: TrackedConnections): string | null {
  return count < FULL * max ? null : `The kernel's table of connections is full: ${count} of ${max}`;
}

/**
 * @param connections to be held at once, as the config allows
 * @throws PoolgateError TOO_LARGE_FOR_MACHINE, with the arithmetic
 */
export function requireRoom(connections: number, { max }: TrackedConnections): void {
  if (connections <= max) return;
  throw new PoolgateError(
    'TOO_LARGE_FOR_MACHINE',
    `the services' maxConnections add up to ${connections}; the kernel tracks at most ${max} (net.netfilter.nf_conntrack_max)`,
    { hint: `\`sysctl -w net.netfilter.nf_conntrack_max=${connections}\`, or a lower maxConnections.` },
  );
}

/**
 * Has the kernel count packets and bytes of connections, in our network namespace alone. Those that are open already are
 * not counted.
 * @returns puts it back as it was
 */
export function enableAccounting(of: Sysctls = sysctls): () => void {
  const before = of.read('nf_conntrack_acct');
  if (before !== 0) return () => undefined;
  of.write('nf_conntrack_acct', 1);
  return () => of.write('nf_conntrack_acct', 0);
}

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

/** A closed connection keeps its entry, and its source port, for so long (TIME_WAIT). */
const TIME_WAIT_S = 120;
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

export interface Demand {
  /** Connections to be held at once. */
  readonly connections: number;
  /** Connections that end in a second, on the average. */
  readonly closedPerSecond: number;
}

/** @throws PoolgateError TOO_LARGE_FOR_MACHINE, with the arithmetic */
export function requireRoom({ connections, closedPerSecond }: Demand, { max }: TrackedConnections): void {
  const resting = Math.ceil(closedPerSecond * TIME_WAIT_S);
  const needed = connections + resting;
  if (needed <= max) return;
  const rests =
    resting === 0
      ? ''
      : ` and ${resting} that ended (${closedPerSecond} a second rest ${TIME_WAIT_S} s each)`;
  throw new PoolgateError(
    'TOO_LARGE_FOR_MACHINE',
    `${connections} connections${rests} need ${needed} entries of conntrack; the kernel has ${max} (net.netfilter.nf_conntrack_max)`,
    { hint: `\`sysctl -w net.netfilter.nf_conntrack_max=${needed}\`, or a lower maxConnections.` },
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

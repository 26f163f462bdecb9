import { PoolgateError } from '../../lib/errors.ts';
import { errno, errorText, Memory, RLIMIT_NOFILE, sys } from './libc.ts';

/** Descriptors of a worker's table that are not for traffic: its event loop, its epoll and ring, what it was born with. */
export const RESERVED_DESCRIPTORS = 128;
/** Each proxied connection has one descriptor to the client and one to the server. */
const DESCRIPTORS_PER_CONNECTION = 2;
/** A balancer that holds less than this is no use, and a sign of a limit that nobody meant. */
const LEAST_CONNECTIONS = 100;
/** Where typed arrays stop growing with the limit on descriptors. */
const MOST_CONNECTIONS = 1_000_000;

/** How many descriptors this process may open (getrlimit(2)); Node has raised it to the hard limit at start. */
export function descriptorLimit(): number {
  const limits = new Memory(16);
  if (sys.getrlimit(RLIMIT_NOFILE, limits.address) < 0) {
    throw new PoolgateError('SYSTEM', `getrlimit: ${errorText(errno())}`);
  }
  const soft = new BigUint64Array(limits.bytes.buffer)[0] ?? 0n;
  return Number(soft > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : soft);
}

/**
 * How many connections fit into one worker beside its listeners; each worker has a descriptor table of its own.
 * @throws PoolgateError TOO_LARGE_FOR_MACHINE, with the arithmetic
 */
export function connectionCapacity(descriptors: number, ports: number): number {
  const capacity = Math.floor((descriptors - RESERVED_DESCRIPTORS - ports) / DESCRIPTORS_PER_CONNECTION);
  if (capacity >= LEAST_CONNECTIONS) return Math.min(capacity, MOST_CONNECTIONS);
  throw new PoolgateError(
    'TOO_LARGE_FOR_MACHINE',
    `${ports} ports need as many listeners in each worker; with ${RESERVED_DESCRIPTORS} descriptors reserved, the limit ` +
      `of ${descriptors} open descriptors (ulimit -n) leaves a worker room for ${Math.max(capacity, 0)} connections ` +
      `of 2 descriptors each; at least ${LEAST_CONNECTIONS} are needed`,
  );
}

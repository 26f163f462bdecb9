/** Addresses of this machine by the program `ip` of iproute2: no shell, bounded in time and in what it may print. */
import { execFile } from 'node:child_process';
import { PoolgateError } from '../lib/errors.ts';
import { familyOf, fullPrefix } from './family.ts';
import { type Interface, parseInterfaces } from './interfaces.ts';

export interface Ran {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ip` with these arguments to its end. @throws PoolgateError SYSTEM when it cannot be run or does not end */
export type RunIp = (args: readonly string[]) => Promise<Ran>;

const TIMEOUT_MS = 5000;
/** About 30,000 addresses. */
const MOST_OUTPUT = 16 * 1024 * 1024;

export const runIp: RunIp = (args) =>
  new Promise((resolve, reject) => {
    const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C' };
    const options = { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MOST_OUTPUT } as const;
    execFile('ip', args, options, (error, stdout, stderr) => {
      // A number is its exit code: it ran, and says on stderr what it did not like.
      if (error === null || typeof error.code === 'number') {
        resolve({ ok: error === null, stdout, stderr });
      } else reject(cannotRun(args, error));
    });
  });

function cannotRun(
  args: readonly string[],
  error: NodeJS.ErrnoException | { killed?: boolean },
): PoolgateError {
  const command = `ip ${args.join(' ')}`;
  if ('code' in error && error.code === 'ENOENT') {
    const hint =
      'Install the package iproute2, or remove topology.interface and add the VIPs by other means.';
    return new PoolgateError('SYSTEM', 'The program `ip` is not installed.', { hint });
  }
  const why = 'killed' in error && error.killed ? `did not end within ${TIMEOUT_MS} ms` : String(error);
  return new PoolgateError('SYSTEM', `\`${command}\`: ${why}`, { cause: error });
}

/** All interfaces. @throws PoolgateError SYSTEM */
export async function readInterfaces(run: RunIp = runIp): Promise<Interface[]> {
  const { ok, stdout, stderr } = await run(['-j', 'address', 'show']);
  if (!ok) throw new PoolgateError('SYSTEM', `\`ip address show\`: ${firstLine(stderr)}`);
  try {
    return parseInterfaces(stdout);
  } catch (error) {
    throw new PoolgateError('SYSTEM', '`ip -j address show` printed something else than expected.', {
      cause: error,
    });
  }
}

/**
 * Adds an address, by itself (/32, /128) or with its network. An IPv6 one skips the kernel's own duplicate check (it was
 * checked before). By itself it is marked deprecated: it serves whoever dials it, but is never chosen as the source of what
 * this machine dials (RFC 6724 section 5 rule 3); a /128 would otherwise be preferred over the machine's own address.
 * @param prefix in bits
 * @throws PoolgateError ADDRESS_FORBIDDEN, SYSTEM
 */
export async function addAddress(
  address: string,
  name: string,
  prefix: number = fullPrefix(address),
  run: RunIp = runIp,
): Promise<void> {
  const quiet = familyOf(address) === 4 ? [] : prefix < 128 ? ['nodad'] : ['preferred_lft', '0', 'nodad'];
  const { ok, stderr } = await run([...change('add', address, name, prefix), ...quiet]);
  if (!ok) throw refused(`add ${address} to ${name}`, address, name, stderr);
}

/** Removes what addAddress added; that it is gone already is fine. @throws PoolgateError ADDRESS_FORBIDDEN, SYSTEM */
export async function removeAddress(
  address: string,
  name: string,
  prefix: number = fullPrefix(address),
  run: RunIp = runIp,
): Promise<void> {
  const { ok, stderr } = await run(change('del', address, name, prefix));
  if (ok || /Cannot assign requested address|address not found|Cannot find device/i.test(stderr)) return;
  throw refused(`remove ${address} from ${name}`, address, name, stderr);
}

function change(verb: 'add' | 'del', address: string, name: string, prefix: number): string[] {
  const family = familyOf(address);
  return [`-${family}`, 'address', verb, `${address}/${prefix}`, 'dev', name];
}

function refused(what: string, address: string, name: string, stderr: string): PoolgateError {
  if (/Operation not permitted/.test(stderr)) return missingCapability('CAP_NET_ADMIN', `Cannot ${what}`);
  if (familyOf(address) === 6 && /Permission denied/.test(stderr)) {
    const hint = `Write 0 to net.ipv6.conf.${name}.disable_ipv6 with sysctl.`;
    return new PoolgateError('SYSTEM', `Cannot ${what}: IPv6 is switched off there.`, { hint });
  }
  return new PoolgateError('SYSTEM', `Cannot ${what}: ${firstLine(stderr)}`);
}

export function missingCapability(capability: string, what: string): PoolgateError {
  const hint =
    `With topology.interface Poolgate needs root, or CAP_NET_ADMIN and CAP_NET_RAW (see the service unit in ` +
    `docs/operate/service.md); without it the VIPs must be added by other means.`;
  return new PoolgateError('ADDRESS_FORBIDDEN', `${what}: this process lacks ${capability}.`, { hint });
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.slice(0, 200) || 'it failed and said nothing';
}

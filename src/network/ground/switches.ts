/**
 * Which settings make the kernel forward between our interfaces, and only there as far as it allows (ip-sysctl of the
 * kernel's documentation).
 *
 * IPv4 asks the interface that a packet came in by. IPv6 asks one switch for the whole machine, `all/forwarding`; since
 * Linux 6.17 an interface may have its own, `force_forwarding`. Switching on `all` makes every interface a router's, which
 * forgets the routes that it learned from routers, and learns no more (accept_ra 1, "unless forwarding"). So
 * accept_ra becomes 2 first, "also when forwarding".
 *
 * rp_filter is left alone: an answer comes in by the interface that the question went out by, in every topology of ours.
 */
import { PoolgateError } from '../../lib/errors.ts';
import type { Family } from '../family.ts';
import type { Sysctls } from './sysctls.ts';

export interface Switch {
  readonly path: string;
  readonly before: string;
  readonly set: string;
}

/** Of the whole machine. */
const ALL6 = 'ipv6/conf/all/forwarding';

export interface Forwarded {
  readonly interfaces: readonly string[];
  readonly families: readonly Family[];
  /** They are bridges of ours. */
  readonly bridged: boolean;
}

/**
 * With these on (the default where br_netfilter is there), conntrack sees packets on their way through a bridge, before our
 * programs have marked those for a VIP, and other tables' rules for what is forwarded meet what a cable would pass.
 */
const BRIDGE_CALLS = ['iptables', 'ip6tables', 'arptables'].map((name) => `bridge/bridge-nf-call-${name}`);

/**
 * In the order in which to set them. What is as it should be is left out, but for what another of them would change: to be
 * put back in the opposite order.
 * @throws PoolgateError INTERFACE_MISSING, SYSTEM
 */
export function forwardingSwitches({ interfaces, families, bridged }: Forwarded, sysctls: Sysctls): Switch[] {
  return [
    ...(bridged ? BRIDGE_CALLS.flatMap((path) => off(path, sysctls)) : []),
    ...(families.includes(4) ? interfaces.flatMap((name) => switch4(name, sysctls)) : []),
    ...(families.includes(4) ? interfaces.flatMap((name) => off(redirects(name), sysctls)) : []),
    ...(families.includes(4) && interfaces.length > 0 ? off(redirects('all'), sysctls) : []),
    ...(families.includes(6) && interfaces.length > 0 ? switches6(interfaces, sysctls) : []),
  ];
}

/**
 * With one arm, packets leave by the interface that they came in by, and for each the kernel would tell its sender of the
 * shorter way. Conntrack drops such a message about what it translates, but it counts towards the limit of ICMP errors, and
 * the next one that is needed, of a path's MTU, is not sent. An interface sends them when its own switch or that of all is
 * on.
 */
function redirects(name: string): string {
  return `ipv4/conf/${name}/send_redirects`;
}

function off(path: string, sysctls: Sysctls): Switch[] {
  const before = sysctls.read(path);
  return before === null ? [] : changed(path, before, '0');
}

function switch4(name: string, sysctls: Sysctls): Switch[] {
  const path = `ipv4/conf/${name}/forwarding`;
  const before = sysctls.read(path);
  if (before !== null) return changed(path, before, '1');
  throw new PoolgateError('INTERFACE_MISSING', `This machine has no network interface "${name}".`);
}

function switches6(interfaces: readonly string[], sysctls: Sysctls): Switch[] {
  const before = sysctls.read(ALL6);
  if (before === null) {
    const hint = 'Switch it on (`ipv6.disable` on the command line of the kernel), or use IPv4 addresses.';
    throw new PoolgateError('SYSTEM', 'The config has IPv6 addresses, and this kernel has no IPv6.', {
      hint,
    });
  }
  if (before !== '0') return [];
  const own = interfaces.map((name) => `ipv6/conf/${name}/force_forwarding`);
  if (own.every((path) => sysctls.read(path) !== null)) {
    return own.flatMap((path) => changed(path, sysctls.read(path) ?? '0', '1'));
  }
  const names = sysctls.interfaces6();
  return [
    ...names.flatMap((name) => learning(name, sysctls)),
    ...names.flatMap((name) => ownForwarding(name, sysctls)),
    { path: ALL6, before, set: '1' },
  ];
}

function learning(name: string, sysctls: Sysctls): Switch[] {
  const path = `ipv6/conf/${name}/accept_ra`;
  return sysctls.read(path) === '1' ? [{ path, before: '1', set: '2' }] : [];
}

/** Switching off `all` would switch it off too. */
function ownForwarding(name: string, sysctls: Sysctls): Switch[] {
  const path = `ipv6/conf/${name}/forwarding`;
  return sysctls.read(path) === '1' ? [{ path, before: '1', set: '1' }] : [];
}

function changed(path: string, before: string, set: string): Switch[] {
  return before === set ? [] : [{ path, before, set }];
}

/** Puts back what is still as we set it; what somebody else has set since stays. */
export function putBack(switches: readonly Switch[], sysctls: Sysctls): void {
  const ours = switches.filter(({ path, set }) => sysctls.read(path) === set);
  for (const { path, before } of ours.toReversed()) sysctls.write(path, before);
}

/** What forwarded nothing before: by interface, and for IPv6 by the machine where it has one switch only. */
export interface WasClosed {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[] | 'machine';
}

/** @param switches of {@link forwardingSwitches} */
export function wasClosed(switches: readonly Switch[]): WasClosed {
  const off = switches.filter(({ before, set }) => before === '0' && set === '1').map(({ path }) => path);
  const named = (pattern: RegExp): string[] => off.flatMap((path) => pattern.exec(path)?.[1] ?? []);
  return {
    ipv4: named(/^ipv4\/conf\/([^/]+)\/forwarding$/),
    ipv6: off.includes(ALL6) ? 'machine' : named(/^ipv6\/conf\/([^/]+)\/force_forwarding$/),
  };
}

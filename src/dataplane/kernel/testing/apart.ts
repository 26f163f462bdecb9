/**
 * For tests, as root: this thread, with the clients and servers of its tests, in a network namespace of its own, and a
 * worker thread in another one, joined by a cable. The kernel plane in the worker gets packets by an interface, as it
 * does in life, and the tests go on using addresses of 127/8: there `route_localnet` lets them out of the machine, so to
 * say. A namespace ends with its last thread.
 */
import { execFileSync } from 'node:child_process';
import { errno, errorText, sys } from '../../proxy/libc.ts';

const CLONE_NEWNET = 0x40000000;

/** Of the balancer; the contract's VIPs and SNAT addresses among them. */
const BALANCERS = ['127.0.0.9/32', '127.0.0.10/32', '127.0.3.0/24', '127.0.200.1/32'];
export const CABLE = 'cable';
const BALANCERS6 = ['fd00:9::9/128', 'fd00:9::1/128'];
const ENDS6 = ['fd00:1::1/128', 'fd00:1::61/128', 'fd00:1::62/128', 'fd00:1::63/128', 'fd00:1::64/128'];

/** Moves this thread to a fresh namespace. @throws Error, e.g. when this is not root */
export function moveApart(): void {
  if (sys.unshare(CLONE_NEWNET) < 0) throw new Error(`unshare: ${errorText(errno())}`);
}

/** By the worker, once both threads are apart: lays the cable and gives both ends their addresses. */
export function layCable(): void {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', CABLE, 'type', 'veth', 'peer', 'name', CABLE, 'netns', String(process.pid));
  ip('address', 'del', '127.0.0.1/8', 'dev', 'lo');
  ip('link', 'set', CABLE, 'up');
  sysctl(
    `net.ipv4.conf.${CABLE}.route_localnet=1`,
    'net.ipv4.ip_forward=1',
    'net.ipv6.conf.all.forwarding=1',
    // Clients and servers are at one interface. What the kernel would tell them of that counts towards its limit of ICMP.
    'net.ipv4.conf.all.send_redirects=0',
    `net.ipv4.conf.${CABLE}.send_redirects=0`,
  );
  for (const address of BALANCERS) {
    if (address.endsWith('/32')) ip('address', 'add', address, 'dev', CABLE);
    else ip('route', 'add', 'local', address, 'dev', CABLE);
  }
  for (const address of BALANCERS6) ip('address', 'add', address, 'dev', CABLE, 'nodad');
  ip('route', 'add', '127.0.0.0/8', 'dev', CABLE, 'src', '127.0.200.1');
  ip('route', 'add', 'fd00:1::/64', 'dev', CABLE, 'src', 'fd00:9::1');
}

/** By the tests' thread, when the worker has laid the cable. */
export function plugIn(): void {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'set', CABLE, 'up');
  sysctl(`net.ipv4.conf.${CABLE}.route_localnet=1`, `net.ipv4.conf.${CABLE}.rp_filter=0`);
  // In the table that is asked first, where all of 127/8 is this machine's: longer prefixes win.
  for (const network of BALANCERS)
    ip('route', 'add', network, 'dev', CABLE, 'src', '127.0.0.1', 'table', 'local');
  for (const address of ENDS6) ip('address', 'add', address, 'dev', CABLE, 'nodad');
  ip('route', 'add', 'fd00:9::/64', 'dev', CABLE, 'src', 'fd00:1::1');
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function sysctl(...values: string[]): void {
  execFileSync('sysctl', ['-q', '-w', ...values], { stdio: ['ignore', 'ignore', 'inherit'] });
}

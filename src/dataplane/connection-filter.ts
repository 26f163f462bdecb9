/** What the parts of a ConnectionFilter mean, for whoever has connections to hold against one. Pure. */
import { BlockList, isIP } from 'node:net';
import { canonicalAddress } from '../model/address.ts';
import type { Connection, ConnectionFilter } from './dataplane.ts';

/**
 * Says of an `ADDRESS:PORT` (IPv6 in brackets) whether its address is the given one or in the given network.
 * @param clients an address, or a network as `192.0.2.0/24` or `2001:db8::/32`; bits behind the prefix do not matter
 * @returns null when it is neither
 */
export function clientTest(clients: string): ((endpoint: string) => boolean) | null {
  const [, address = '', prefix] = /^([0-9a-f.:]{2,45})(?:\/(\d{1,3}))?$/i.exec(clients) ?? [];
  const family = isIP(address);
  const length = Number(prefix ?? (family === 4 ? 32 : 128));
  if (family === 0 || length > (family === 4 ? 32 : 128)) return null;
  const list = new BlockList();
  list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  return (endpoint) => {
    const of = addressOf(endpoint);
    // A blocklist finds IPv4 networks in IPv4-mapped addresses too; here the families are apart.
    return isIP(of) === family && list.check(of, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/** The address of `ADDRESS:PORT`. */
export function addressOf(endpoint: string): string {
  return endpoint.slice(0, Math.max(0, endpoint.lastIndexOf(':'))).replace(/^\[(.*)\]$/, '$1');
}

/** Whether a connection is one that the filter selects; `limit` is about lists and not looked at. */
export function selects(filter: ConnectionFilter, c: Connection): boolean {
  const { id, pool, realServer, service, client, vip, port, idleOverMs = -1, ageOverMs = -1 } = filter;
  return (
    (id === undefined || id === c.id) &&
    (pool === undefined || pool === c.pool) &&
    (realServer === undefined || realServer === c.realServer) &&
    (service === undefined || service === c.service) &&
    (client === undefined || (clientTest(client)?.(c.client) ?? false)) &&
    (vip === undefined || canonicalAddress(vip) === addressOf(c.vip)) &&
    (port === undefined || c.vip.endsWith(`:${port}`)) &&
    c.idleMs > idleOverMs &&
    c.ageMs > ageOverMs
  );
}

import { isIPv4, isIPv6 } from 'node:net';
import { canonicalAddress } from './address.ts';

/** `127.0.0.1:9080` or `[::1]:9080`, also `localhost:9080`; null for anything else. Port 0: the system's choice. */
export function parseListen(text: string): { host: string; port: number } | null {
  const [, v6, other, digits] = /^(?:\[([^\]]{2,45})\]|([^:[\]]{1,45})):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return null;
  if (v6 !== undefined) return isIPv6(v6) && !v6.includes('%') ? { host: canonicalV6(v6), port } : null;
  const host = other === 'localhost' ? '127.0.0.1' : (other ?? '');
  return isIPv4(host) ? { host, port } : null;
}

/** Also of addresses such as `::`, which are no hosts but can be listened on. */
function canonicalV6(host: string): string {
  return host === '::' ? host : canonicalAddress(host);
}

/** @param host canonical, as {@link parseListen} gives it */
export function isLoopback(host: string): boolean {
  return host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** `ADDRESS:PORT`, IPv6 in brackets. */
export function formatListen({ host, port }: { readonly host: string; readonly port: number }): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

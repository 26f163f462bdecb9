/** This machine's own range of source ports: ip_local_port_range (ip(7)). */
import { readFileSync } from 'node:fs';

const FILE = '/proc/sys/net/ipv4/ip_local_port_range';

/** What Linux has unless somebody changed it: 28,232 ports. */
const USUAL = { first: 32_768, last: 60_999 };

/** Linux's usual range where it cannot be read, as on the machine of somebody who only writes a config. */
export function localPorts(file = FILE): { readonly first: number; readonly last: number } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return USUAL;
  }
  const [, first, last] = /^(\d+)\s+(\d+)\s*$/.exec(text) ?? [];
  return first === undefined ? USUAL : { first: Number(first), last: Number(last) };
}

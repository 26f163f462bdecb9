/** Where connections go, and where servers see them come from. */
import type { EffectiveServer, PortRange, Protocol } from '../../../model/effective.ts';
import type { Page } from '../page.ts';
import { type Place, protocolsOf } from './places.ts';
import { portSet, sourceOf } from './words.ts';

/** Each port of a mapped range is a rule, because nftables maps a range onto one port, or onto any of another range. */
export const MOST_MAPPED = 64;
/** Any number: without one the kernel draws another at each load, and clients would change their servers. */
const SEED = '0x706f6f6c';

export function writeDestination(page: Page, place: Place): void {
  if (place.servers.length === 0) return;
  for (const protocol of protocolsOf(place)) {
    const ranges = place.service.ports.filter((range) => range.protocol === protocol && !isTooLong(range));
    const plain = ranges.filter(({ first, serverFirst }) => first === serverFirst);
    if (plain.length > 0) writeRule(page, place, protocol, portSet(plain), null);
    for (const range of ranges.filter((one) => !plain.includes(one))) {
      for (let port = range.first; port <= range.last; port += 1)
        writeRule(page, place, protocol, `${port}`, range.serverFirst + port - range.first);
    }
  }
}

export function isTooLong({ first, last, serverFirst }: PortRange): boolean {
  return first !== serverFirst && last - first >= MOST_MAPPED;
}

function writeRule(
  page: Page,
  place: Place,
  protocol: Protocol,
  ports: string,
  serverPort: number | null,
): void {
  const ip = place.v6 ? 'ip6' : 'ip';
  const to = `${ip} daddr ${place.service.vip} ${protocol} dport ${ports}`;
  page.line(`${to} dnat ${ip} to ${choice(place, serverPort)}`);
}

/** One server, or a number for each share of each server. */
function choice({ service, servers, v6 }: Place, port: number | null): string {
  const [only] = servers;
  if (only && servers.length === 1) return endpoint(only.address, port, v6);
  const { scheduler, persistence } = service;
  const unweighted = scheduler === 'rr' || scheduler === 'lc';
  const shares = unweighted ? servers.map(() => 1) : reduced(servers);
  let next = 0;
  const entries = servers.map(({ address }, i) => {
    const [from, share] = [next, shares[i] ?? 1];
    next += share;
    return `${share === 1 ? from : `${from}-${next - 1}`} : ${port === null ? address : `${address} . ${port}`}`;
  });
  const hashed = persistence !== null || scheduler === 'sh' || scheduler === 'mh';
  const number = hashed
    ? `jhash ${v6 ? 'ip6' : 'ip'} saddr mod ${next} seed ${SEED}`
    : `numgen inc mod ${next}`;
  return `${number} map { ${entries.join(', ')} }`;
}

function endpoint(address: string, port: number | null, v6: boolean): string {
  if (port === null) return address;
  return v6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Weights without what they have in common: 10, 10, 20 are 1, 1, 2. */
function reduced(servers: readonly EffectiveServer[]): number[] {
  const common = servers.map(({ weight }) => weight).reduce(divisor);
  return servers.map(({ weight }) => weight / common);
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** By what the client dialled, which conntrack keeps: the packet has the server's address here. */
export function writeSource(page: Page, place: Place): void {
  const { service, v6 } = place;
  if (service.nat === 'half') return;
  for (const protocol of protocolsOf(place)) {
    const ports = portSet(service.ports.filter((range) => range.protocol === protocol));
    const original = `ct original ${v6 ? 'ip6' : 'ip'} daddr ${service.vip}`;
    const rule = `ct status dnat ${original} meta l4proto ${protocol} ct original proto-dst ${ports}`;
    page.line(`${rule} ${sourceOf(service, v6)}`);
  }
}

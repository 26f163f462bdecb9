/** Ports of a virtual service: single ones, ranges, and mappings to other ports of the servers. */
import type { PortRange, Protocol } from './effective.ts';

/** One entry of `ports`, as the file has it. */
export type PortEntry =
  | number
  | string
  | {
      readonly port: number | string;
      readonly serverPort?: number | undefined;
      readonly protocol?: Protocol | undefined;
    };

/** `50000-50019`, also a single `5061`; null for anything else, for a range that goes down, and for port 0. */
export function parsePortRange(text: string): { first: number; last: number } | null {
  const [, from, to] = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text.trim()) ?? [];
  if (from === undefined) return null;
  const [first, last] = [Number(from), Number(to ?? from)];
  return first >= 1 && first <= last && last <= 65_535 ? { first, last } : null;
}

/** @param entry valid by the schema */
export function toRange(entry: PortEntry): PortRange {
  const { port, serverPort, protocol }: Exclude<PortEntry, number | string> =
    typeof entry === 'object' ? entry : { port: entry };
  const { first, last } = parsePortRange(String(port)) ?? { first: 0, last: 0 };
  return { protocol: protocol ?? 'tcp', first, last, serverFirst: serverPort ?? first };
}

/** As people write it: `5061`, `50000-50019`, `443 to 4443`, `3478/udp`, `3478/udp to 3479`. */
export function formatRange(range: PortRange): string {
  const span = (first: number): string =>
    range.first === range.last ? `${first}` : `${first}-${first + range.last - range.first}`;
  const clients = span(range.first) + suffix(range.protocol);
  return range.serverFirst === range.first ? clients : `${clients} to ${span(range.serverFirst)}`;
}

/** What stands behind a port that is not of TCP. */
export function suffix(protocol: Protocol): '' | '/udp' {
  return protocol === 'udp' ? '/udp' : '';
}

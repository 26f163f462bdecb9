/** Ports of a virtual service: single ones, ranges, and mappings to other ports of the servers. */
import type { PortRange } from './effective.ts';

/** One entry of `ports`, as the file has it. */
export type PortEntry =
  | number
  | string
  | {
      readonly port: number | string;
      readonly serverPort?: number | undefined;
      readonly protocol?: 'tcp' | 'udp' | undefined;
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
  const { port, serverPort } = typeof entry === 'object' ? entry : { port: entry, serverPort: undefined };
  const { first, last } = parsePortRange(String(port)) ?? { first: 0, last: 0 };
  return { protocol: 'tcp', first, last, serverFirst: serverPort ?? first };
}

/** As the file would say it: `5061`, `50000-50019`, `443 to 4443`. */
export function formatRange(range: PortRange): string {
  const span = (first: number): string =>
    range.first === range.last ? `${first}` : `${first}-${first + range.last - range.first}`;
  return range.serverFirst === range.first
    ? span(range.first)
    : `${span(range.first)} to ${span(range.serverFirst)}`;
}

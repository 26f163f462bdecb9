/** Words of nftables (nft(8)) that several rules use. */
import { isIPv6 } from 'node:net';
import type { EffectiveService } from '../../../model/effective.ts';

export interface Span {
  readonly first: number;
  readonly last: number;
}

/** `5061`, or `{ 443, 50000-50019 }`: ascending, none in another one, which a set does not take. */
export function portSet(spans: readonly Span[]): string {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before && span.first <= before.last)
      merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, span.last) };
    else merged.push(span);
  }
  const words = merged.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return words.length === 1 ? (words[0] ?? '') : `{ ${words.join(', ')} }`;
}

/** What makes this machine the source: by its routes, or one of the SNAT addresses after the other. */
export function sourceOf({ snat }: EffectiveService, v6: boolean): string {
  const addresses = (snat?.addresses ?? []).filter((address) => isIPv6(address) === v6);
  const ports = snat?.ports ? `${snat.ports.first}-${snat.ports.last}` : null;
  const ip = v6 ? 'ip6' : 'ip';
  const [only] = addresses;
  if (only === undefined) return 'masquerade';
  if (addresses.length === 1) {
    const host = v6 && ports !== null ? `[${only}]` : only;
    return `snat ${ip} to ${host}${ports === null ? '' : `:${ports}`}`;
  }
  const turns = addresses.map((address, i) => `${i} : ${address}`).join(', ');
  const chosen = `numgen inc mod ${addresses.length} map { ${turns} }`;
  return `snat ${ip} to ${chosen}${ports === null ? '' : ` : ${ports}`}`;
}

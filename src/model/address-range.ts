/** Ranges of addresses, as a SNAT pool has them: `10.0.0.44`, `10.0.0.44-10.0.0.47`. */
import { parseAddress } from './address.ts';

/** A pool beyond that is a mistake: four addresses carry a quarter of a million connections to each port of a server. */
export const MOST_ADDRESSES = 256;

export type ParsedRange =
  | { readonly ok: true; readonly addresses: readonly string[] }
  /** `problem` goes on from "VALUE …". */
  | { readonly ok: false; readonly problem: string; readonly hint: string };

const HINT = 'Write an address or a range such as 10.0.0.44-10.0.0.47.';

/** All addresses of a range, canonical, both ends included. */
export function parseAddressRange(text: string): ParsedRange {
  const [from = '', to, ...more] = text.split('-').map((part) => part.trim());
  const first = parseAddress(from);
  if (!first.ok) return first;
  if (to === undefined) return { ok: true, addresses: [first.address] };
  if (more.length > 0) return { ok: false, problem: 'is not a range of addresses', hint: HINT };
  const last = parseAddress(to);
  if (!last.ok) return last;
  if (first.family !== last.family) {
    return { ok: false, problem: 'goes from one family of addresses to the other', hint: HINT };
  }
  if (first.family === 6) {
    return {
      ok: false,
      problem: 'is a range of IPv6 addresses',
      hint: 'Write the IPv6 addresses one by one.',
    };
  }
  const [low, high] = [numberOf(first.address), numberOf(last.address)];
  if (high < low) return { ok: false, problem: 'goes down', hint: `Write ${last.address}-${first.address}.` };
  if (high - low >= MOST_ADDRESSES) {
    const problem = `has ${high - low + 1} addresses, more than ${MOST_ADDRESSES}`;
    return {
      ok: false,
      problem,
      hint: 'Write a smaller range: one address carries some 64,000 connections to each port of a server.',
    };
  }
  return { ok: true, addresses: Array.from({ length: high - low + 1 }, (_, i) => dotted(low + i)) };
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** Sets of mapped ports, kept as ranges. */
import type { PortRange } from '../model/effective.ts';

/**
 * The ports of `from` that `without` does not map to the same server port, as few ranges as there can be, ascending.
 * @param from,without each without overlaps in itself
 */
export function subtractRanges(from: readonly PortRange[], without: readonly PortRange[]): PortRange[] {
  return join(from).flatMap((range) => {
    const same = join(without).filter(
      (w) => offset(w) === offset(range) && w.last >= range.first && w.first <= range.last,
    );
    const left: PortRange[] = [];
    let at = range.first;
    for (const hole of same) {
      if (hole.first > at) left.push(part(range, at, hole.first - 1));
      at = hole.last + 1;
    }
    if (at <= range.last) left.push(part(range, at, range.last));
    return left;
  });
}

/** Neighbours with the same mapping as one range, so that `5060, 5061` and `5060-5061` are the same. */
function join(ranges: readonly PortRange[]): PortRange[] {
  const joined: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before && before.last + 1 === range.first && offset(before) === offset(range)) {
      joined[joined.length - 1] = { ...before, last: range.last };
    } else joined.push(range);
  }
  return joined;
}

function offset(range: PortRange): number {
  return range.serverFirst - range.first;
}

function part(range: PortRange, first: number, last: number): PortRange {
  return { protocol: range.protocol, first, last, serverFirst: first + offset(range) };
}

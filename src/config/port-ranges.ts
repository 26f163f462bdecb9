/** Sets of mapped ports, kept as ranges. */
import type { PortRange } from '../model/effective.ts';

/**
 * The VIP ports of `from` that `without` does not have, in as few ranges as there can be, ascending.
 * @param from,without each without overlaps in itself
 */
export function subtractRanges(from: readonly PortRange[], without: readonly PortRange[]): PortRange[] {
  const holes = joinRanges(without);
  return joinRanges(from).flatMap((range) => {
    const left: PortRange[] = [];
    let at = range.first;
    for (const hole of holes) {
      if (hole.protocol !== range.protocol || hole.last < at || hole.first > range.last) continue;
      if (hole.first > at) left.push(part(range, at, hole.first - 1));
      at = hole.last + 1;
    }
    if (at <= range.last) left.push(part(range, at, range.last));
    return left;
  });
}

/** The VIP ports that both have and map to different server ports, ascending. */
export function remappedRanges(
  prev: readonly PortRange[],
  next: readonly PortRange[],
): { readonly prev: PortRange; readonly next: PortRange }[] {
  const before = joinRanges(prev);
  return joinRanges(next).flatMap((range) =>
    before
      .filter((old) => old.protocol === range.protocol && old.first <= range.last && range.first <= old.last)
      .filter((old) => offset(old) !== offset(range))
      .map((old) => {
        const [first, last] = [Math.max(old.first, range.first), Math.min(old.last, range.last)];
        return { prev: part(old, first, last), next: part(range, first, last) };
      }),
  );
}

/** Neighbours with the same mapping as one range, so that `5060, 5061` and `5060-5061` are the same; ascending. */
export function joinRanges(ranges: readonly PortRange[]): PortRange[] {
  const joined: PortRange[] = [];
  for (const range of ranges.toSorted(inOrder)) {
    const before = joined.at(-1);
    if (before && follows(before, range) && offset(before) === offset(range)) {
      joined[joined.length - 1] = { ...before, last: range.last };
    } else joined.push(range);
  }
  return joined;
}

/** TCP before UDP, and by first port. */
export function inOrder(a: PortRange, b: PortRange): number {
  return a.protocol === b.protocol ? a.first - b.first : a.protocol < b.protocol ? -1 : 1;
}

function follows(before: PortRange, range: PortRange): boolean {
  return before.protocol === range.protocol && before.last + 1 === range.first;
}

function offset(range: PortRange): number {
  return range.serverFirst - range.first;
}

function part(range: PortRange, first: number, last: number): PortRange {
  return { protocol: range.protocol, first, last, serverFirst: first + offset(range) };
}

/**
 * The name that was probably meant: the one with the fewest typing errors, if these are few for its length, else one
 * that holds the given word or is held by it; null when none is near.
 */
export function nearest(given: string, names: readonly string[]): string | null {
  const word = given.slice(0, 64).toLowerCase();
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(word, name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best ?? related(word, names);
}

/** `servers` for `realServers`. Shorter words are in too many names by chance. */
function related(word: string, names: readonly string[]): string | null {
  if (word.length < 4) return null;
  const hits = names.filter(
    (n) => n.toLowerCase().includes(word) || (n.length >= 4 && word.includes(n.toLowerCase())),
  );
  return hits.length === 1 ? (hits[0] ?? null) : null;
}

/** Changes, insertions, omissions and swaps of neighbours, one each (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(at(row, j) + 1, at(next, j - 1) + 1, change, swap));
    }
    [before, row] = [row, next];
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

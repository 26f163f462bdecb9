/** The middle of some numbers and how far they scatter. */
export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
  readonly count: number;
}

/** One value per repetition; undefined where that run failed. */
export type Series = readonly (number | undefined)[];

/** Median, range and number of the values that are there; undefined when there is none. */
export function summarize(series: Series): Summary | undefined {
  const sorted = series
    .filter((v): v is number => v !== undefined && Number.isFinite(v))
    .sort((a, b) => a - b);
  const least = sorted[0];
  const greatest = sorted.at(-1);
  if (least === undefined || greatest === undefined) return undefined;
  const upper = sorted[Math.floor(sorted.length / 2)] ?? least;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? least;
  return { median: (lower + upper) / 2, least, greatest, count: sorted.length };
}

/**
 * One series compared with another, repetition by repetition: both values of a pair were measured seconds apart, so
 * that whatever else the machine did in that repetition slowed both. The ratio of two medians would lose that.
 */
export function paired(how: 'ratio' | 'difference', of: Series, to: Series): Summary | undefined {
  return summarize(of.map((value, i) => compared(how, value, to[i])));
}

function compared(
  how: 'ratio' | 'difference',
  value: number | undefined,
  reference: number | undefined,
): number | undefined {
  if (value === undefined || reference === undefined) return undefined;
  if (how === 'difference') return value - reference;
  return reference <= 0 ? undefined : value / reference;
}

/** The same list begun at another place: repetition i begins with item i, so that no one always runs first. */
export function rotated<T>(items: readonly T[], by: number): T[] {
  return items.map((_, i) => items[(i + by) % items.length] as T);
}

/** Durations as people write them: a whole number with its unit. */
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

export const DURATION = /^(0|[1-9]\d{0,8})(ms|s|m|h)$/;

/** `500ms`, `5s`, `30m`, `1h` in milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = DURATION.exec(text) ?? [];
  return unit === undefined ? null : Number(count) * UNITS[unit as keyof typeof UNITS];
}

/** In the largest unit that keeps it whole: 1800000 is `30m`. @param ms whole, from 0 */
export function formatDuration(ms: number): string {
  const unit = (['h', 'm', 's'] as const).find((u) => ms >= UNITS[u] && ms % UNITS[u] === 0) ?? 'ms';
  return ms === 0 ? '0s' : `${ms / UNITS[unit]}${unit}`;
}

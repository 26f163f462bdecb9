/** Words for people: what may reach a terminal, durations, bytes, colours. */

/**
 * Everything that acts on a terminal instead of showing: C0 and C1 controls, DEL, and the Unicode signs that reorder
 * or hide text. Names and messages come from outside and may hold them.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it is for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** One line of text, safe to show. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escapeCharacter);
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.replaceAll(UNPRINTABLE, (sign) =>
    sign === '\n' || sign === '\t' ? sign : escapeCharacter(sign),
  );
}

/** JSON that is safe to show too: JSON.stringify itself leaves C1 controls and reordering signs as they are. */
export function jsonText(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replaceAll(UNPRINTABLE, (sign) =>
    sign === '\n' ? sign : escapeCharacter(sign),
  );
}

function escapeCharacter(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `850ms`, `4m 10s`, `3d 4h`: two units at most. @param ms from 0 */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.floor(ms / 1000);
  const units: readonly [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ];
  const at = units.findIndex(([, size]) => seconds >= size);
  const [name, size] = units[at] ?? ['s', 1];
  const next = units[at + 1];
  const rest = next ? Math.floor((seconds % size) / next[1]) : 0;
  const first = `${Math.floor(seconds / size)}${name}`;
  return next && rest > 0 ? `${first} ${rest}${next[0]}` : first;
}

/** `512 B`, `1.4 MiB`. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = count;
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

/** `1 server`, `2 servers`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

export type Colour = 'red' | 'green' | 'yellow' | 'bold' | 'dim';

const SGR: Record<Colour, number> = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 };

export function paint(text: string, colour: Colour | null, enabled: boolean): string {
  return enabled && colour ? `\u001b[${SGR[colour]}m${text}\u001b[0m` : text;
}

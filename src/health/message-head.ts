/** The head of an answer of HTTP (RFC 9112) or SIP (RFC 3261): a first line, headers, an empty line. */

export interface Head {
  /** The first line, without its end. */
  readonly first: string;
  /** In their order; names in lower case, folded lines joined, no space around values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export type HeadFound =
  | { readonly state: 'complete'; readonly head: Head; readonly rest: Buffer }
  /** `first` once its line is complete: what begins wrong need not be waited for. */
  | { readonly state: 'more'; readonly first: string | null; readonly rest: Buffer }
  | { readonly state: 'malformed' };

const CR = 13;
const LF = 10;

/**
 * Looks for a complete head at the start. Empty lines before it are skipped: SIP sends them as keep-alives (RFC 5626
 * 3.5.1), and RFC 9112 2.2 has servers forgiven for them. The caller bounds how much is collected.
 */
export function takeHead(bytes: Buffer): HeadFound {
  let start = 0;
  while (bytes[start] === CR || bytes[start] === LF) start += 1;
  const rest = bytes.subarray(start);
  const end = endOfHead(rest);
  if (end < 0) {
    const line = rest.indexOf(LF);
    return { state: 'more', first: line < 0 ? null : lineAt(rest, line), rest };
  }
  const head = parse(rest.toString('utf8', 0, end));
  return head ? { state: 'complete', head, rest: rest.subarray(end) } : { state: 'malformed' };
}

/** Values of a header, whichever of its names was used. */
export function valuesOf(head: Head, ...names: readonly string[]): string[] {
  return head.headers.filter(([name]) => names.includes(name)).map(([, value]) => value);
}

/**
 * Content-Length: null when absent, NaN when it is no number or stands there twice with two values, by which the two
 * ends would disagree about where the body ends.
 */
export function contentLength(head: Head, ...names: readonly string[]): number | null {
  const values = new Set(valuesOf(head, ...names));
  const [value] = values;
  if (value === undefined) return null;
  return values.size === 1 && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
}

/** Index after the empty line; -1 when it has not come. A bare LF ends a line too. */
function endOfHead(bytes: Buffer): number {
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

function lineAt(bytes: Buffer, end: number): string {
  return bytes.toString('utf8', 0, end).replace(/\r$/, '');
}

function parse(text: string): Head | null {
  // Folding (RFC 3261 7.3.1, obs-fold of RFC 9112 5.2): a line that begins with space goes on from the one before.
  const [first = '', ...lines] = text
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    // SIP allows space before the colon (RFC 4475 3.1.1.1).
    const name = trimBlanks(line.slice(0, Math.max(0, colon))).toLowerCase();
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) return null;
    headers.push([name, trimBlanks(line.slice(colon + 1))]);
  }
  return { first, headers };
}

/** Spaces and tabs only. A pattern for the end would take quadratic time over blanks in the middle. */
function trimBlanks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text[from])) from += 1;
  while (to > from && isBlank(text[to - 1])) to -= 1;
  return text.slice(from, to);
}

function isBlank(sign: string | undefined): boolean {
  return sign === ' ' || sign === '\t';
}

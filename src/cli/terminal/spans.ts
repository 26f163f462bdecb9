/** Text with looks, measured and cut before it becomes escape sequences. */

/** SGR parameters (ECMA-48 section 8.3.117) of each look. */
const LOOKS = {
  bold: '1',
  dim: '2',
  red: '1;31',
  green: '32',
  yellow: '33',
  bar: '7',
  cyan: '36',
  magenta: '35',
  blue: '94',
  onCyan: '30;46',
  onMagenta: '30;45',
  onBlue: '30;104',
} as const;

export type Look = keyof typeof LOOKS;

export interface Span {
  readonly text: string;
  readonly look?: Look | undefined;
}

export type Line = readonly Span[];

export function span(text: string, look?: Look): Span {
  return look === undefined ? { text } : { text, look };
}

/** One cell a code point: all that is shown here is so. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + [...text].length, 0);
}

/** At most so wide; what is too much falls off at the right. */
export function cut(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const piece of line) {
    const signs = [...piece.text];
    if (left <= 0) break;
    kept.push(signs.length <= left ? piece : { ...piece, text: signs.slice(0, left).join('') });
    left -= signs.length;
  }
  return kept;
}

/** Exactly so wide. */
export function fill(line: Line, width: number): Line {
  return [...cut(line, width), span(' '.repeat(Math.max(0, width - widthOf(line))))];
}

export function toText(line: Line, colour: boolean): string {
  return line
    .map(({ text, look }) => (colour && look ? `\u001b[${LOOKS[look]}m${text}\u001b[0m` : text))
    .join('');
}

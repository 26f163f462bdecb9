/** Findings for people: place, code, message, the line of the file with a caret, and what to write instead. */
import type { Finding } from './findings.ts';

/** Columns of the source line that are shown; of longer lines the part around the caret. */
const WIDTH = 100;

/**
 * `FILE:LINE:COL: severity CODE message`, the source line, a caret below the column, the hint.
 * @param text what the findings are about
 */
export function formatFindings(findings: readonly Finding[], text: string): string {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return findings.map((finding) => formatFinding(finding, lines[finding.line - 1] ?? '')).join('');
}

function formatFinding(f: Finding, line: string): string {
  const head = `${printable(f.file)}:${f.line}:${f.col}: ${f.severity} ${f.rule} ${printable(f.message)}`;
  const { source, caret } = clip([...line.replace(/\r$/, '')], f.col - 1);
  const shown = source.trim() === '' ? [] : [`  ${source}`, `  ${' '.repeat(caret)}^`];
  const hint = f.hint === '' ? [] : [`  hint: ${printable(f.hint)}`];
  return `${[head, ...shown, ...hint].join('\n')}\n`;
}

/** @param at index of the character that the caret points at @returns the part to show, and the caret's column in it */
function clip(line: readonly string[], at: number): { source: string; caret: number } {
  const chars = line.slice(0, 1_000_000).map(shape);
  const index = Math.min(at, chars.length);
  let from = 0;
  if (widthOf(chars.slice(0, index)) > WIDTH - 20) {
    from = index;
    for (let room = WIDTH / 2; from > 0 && room > 0; from--) room -= chars[from - 1]?.width ?? 1;
  }
  const lead = from > 0 ? '…' : '';
  let to = from;
  for (let used = lead.length; to < chars.length && used < WIDTH; to++) used += chars[to]?.width ?? 1;
  const source = `${lead}${chars
    .slice(from, to)
    .map((c) => c.text)
    .join('')}${to < chars.length ? '…' : ''}`;
  return { source, caret: lead.length + widthOf(chars.slice(from, index)) };
}

interface Shape {
  readonly text: string;
  /** In cells of a terminal. */
  readonly width: number;
}

function shape(char: string): Shape {
  if (char === '\t') return { text: '  ', width: 2 };
  if (CONTROL.test(char)) return { text: '\u{fffd}', width: 1 };
  if (ZERO_WIDTH.test(char)) return { text: char, width: 0 };
  return { text: char, width: isWide(char.codePointAt(0) ?? 0) ? 2 : 1 };
}

/** What could move the cursor, colour the terminal, or turn the direction of writing. */
const CONTROL = /\p{Cc}|\p{Zl}|\p{Zp}|\p{Cs}|[\u202a-\u202e\u2066-\u2069]/u;
const ZERO_WIDTH = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** The blocks that Unicode's East Asian Width calls wide or fullwidth, by their ranges. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x1fa70, 0x1faff],
  [0x20000, 0x3fffd],
];

function isWide(code: number): boolean {
  return WIDE.some(([first, last]) => code >= first && code <= last);
}

function widthOf(chars: readonly Shape[]): number {
  return chars.reduce((sum, c) => sum + c.width, 0);
}

function printable(text: string): string {
  return [...text].map((char) => (CONTROL.test(char) ? '\u{fffd}' : char)).join('');
}

/**
 * A line of HAProxy's language to words, as HAProxy reads it: blanks part words; `\` protects the next character;
 * within "…" it protects less, and variables are put in; within '…' nothing is special; `#` begins a comment.
 * (HAProxy configuration manual, "Quoting and escaping" and "Environment variables".)
 */

export interface Words {
  readonly words: readonly string[];
  /** What HAProxy would refuse the line for; empty: nothing. */
  readonly problem: string;
  /** Variables that nobody has set; their value was taken as empty. */
  readonly unset: readonly string[];
}

export type Variables = ReadonlyMap<string, string>;

/** A value is put in at most so long: a variable that holds itself twice would grow without end. */
const MOST_EXPANDED = 4096;

interface Reader {
  readonly text: string;
  readonly variables: Variables;
  readonly words: string[];
  readonly unset: string[];
  at: number;
  /** Null between words. */
  word: string | null;
  quote: '' | '"' | "'";
}

export function splitWords(text: string, variables: Variables): Words {
  const reader: Reader = { text, variables, words: [], unset: [], at: 0, word: null, quote: '' };
  while (reader.at < text.length && step(reader));
  if (reader.word !== null) reader.words.push(reader.word);
  const problem = reader.quote === '' ? '' : `The quote ${reader.quote} is not closed on its line.`;
  return { words: reader.words, problem, unset: reader.unset };
}

/** One character, or what belongs together. @returns false at a comment */
function step(r: Reader): boolean {
  const char = r.text[r.at] ?? '';
  if (r.quote === "'") return literal(r, char);
  if (char === '\\') return escape(r);
  if (r.quote === '"') return char === '$' ? variable(r) : literal(r, char);
  if (char === '#') return false;
  if (char === '"' || char === "'") return open(r, char);
  if (/\s/.test(char)) return blank(r);
  return take(r, char);
}

function literal(r: Reader, char: string): boolean {
  if (char !== r.quote) return take(r, char);
  r.quote = '';
  r.at++;
  return true;
}

function open(r: Reader, quote: '"' | "'"): boolean {
  r.quote = quote;
  r.word ??= '';
  r.at++;
  return true;
}

function blank(r: Reader): boolean {
  if (r.word !== null) r.words.push(r.word);
  r.word = null;
  r.at++;
  return true;
}

function take(r: Reader, text: string, size = 1): boolean {
  r.word = (r.word ?? '') + text;
  r.at += size;
  return true;
}

const CONTROL: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function escape(r: Reader): boolean {
  const next = r.text[r.at + 1] ?? '';
  if (next === '') return take(r, '\\');
  const [, hex] = /^x([\da-fA-F]{2})/.exec(r.text.slice(r.at + 1, r.at + 4)) ?? [];
  if (hex !== undefined) return take(r, String.fromCharCode(Number.parseInt(hex, 16)), 4);
  const control = CONTROL[next];
  if (control !== undefined) return take(r, control, 2);
  const protects = r.quote === '"' ? '"\\$#\' ' : ' #\\"\'';
  // Any other backslash stands for itself, as in regular expressions.
  return protects.includes(next) ? take(r, next, 2) : take(r, '\\');
}

function variable(r: Reader): boolean {
  const found = findVariable(r.text.slice(r.at, r.at + 512));
  if (!found) return take(r, '$');
  return take(r, valueOf(found, r.variables, r.unset), found.size);
}

interface Found {
  readonly name: string;
  readonly otherwise: string | null;
  readonly size: number;
}

/** `$NAME`, `${NAME}`, `${NAME-default}`, `${NAME[*]}` at the beginning. */
function findVariable(text: string): Found | null {
  const [all, bare, braced, otherwise] =
    /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_.][\w.]*)(?:\[\*\])?(?:-([^}]*))?\})/.exec(text) ?? [];
  const name = bare ?? braced;
  return all === undefined || name === undefined
    ? null
    : { name, otherwise: otherwise ?? null, size: all.length };
}

function valueOf({ name, otherwise }: Found, variables: Variables, unset: string[]): string {
  const value = variables.get(name) ?? otherwise;
  if (value === null) unset.push(name);
  return (value ?? '').slice(0, MOST_EXPANDED);
}

/** In addresses variables are put in without quotes too. */
export function expand(text: string, variables: Variables): { text: string; unset: readonly string[] } {
  const unset: string[] = [];
  let result = '';
  for (let at = 0; at < text.length; ) {
    const found = text[at] === '$' ? findVariable(text.slice(at, at + 512)) : null;
    result += found ? valueOf(found, variables, unset) : (text[at] ?? '');
    at += found?.size ?? 1;
  }
  return { text: result.slice(0, MOST_EXPANDED), unset };
}

/**
 * A file of keepalived to statements: words up to the end of the line, and a block in braces where one follows. `#` and `!`
 * begin a comment (keepalived.conf(5)).
 */
import type { Report } from '../report.ts';

export interface Statement {
  readonly line: number;
  readonly words: readonly string[];
  /** Null: none follows. */
  readonly block: Statement[] | null;
}

/** Deeper than keepalived's own blocks ever are. */
const MOST_DEEP = 12;

interface Open {
  readonly statements: Statement[];
  readonly line: number;
}

/** Of the statement and all that it holds. */
export function lastLineOf({ line, block }: Statement): number {
  const last = block?.at(-1);
  return last ? lastLineOf(last) : line;
}

/** Never throws; braces that do not pair are told. */
export function readBlocks(text: string, report: Report): Statement[] {
  const variables = new Map<string, string>();
  const root: Statement[] = [];
  const open: Open[] = [{ statements: root, line: 0 }];
  let tooDeep = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    for (const piece of pieces(raw, variables)) {
      const here = open.at(-1)?.statements ?? root;
      if (piece === '}') {
        if (tooDeep > 0) tooDeep--;
        else if (open.length > 1) open.pop();
        else report.add('remark', { line, section: '', text: '}' }, 'A closing brace too many.');
      } else if (piece === '{') {
        const statement = attach(here, line);
        if (open.length < MOST_DEEP) open.push({ statements: statement, line });
        else tooDeep++;
      } else if (tooDeep === 0) here.push({ line, words: piece, block: null });
    }
  }
  if (open.length > 1 || tooDeep > 0)
    report.add(
      'remark',
      { line: open.at(-1)?.line ?? 0, section: '', text: '{' },
      'This brace is not closed.',
    );
  return root;
}

/** The block of the statement that was read last, which may stand on the line above. */
function attach(here: Statement[], line: number): Statement[] {
  const last = here.pop();
  const block: Statement[] = [];
  if (last?.block === null) here.push({ ...last, block });
  else {
    if (last) here.push(last);
    here.push({ line, words: [''], block });
  }
  return block;
}

/** `{`, `}` and runs of words between them. */
function pieces(raw: string, variables: Map<string, string>): (readonly string[] | '{' | '}')[] {
  const result: (readonly string[] | '{' | '}')[] = [];
  let words: string[] = [];
  for (const word of wordsOf(raw)) {
    if (word === '{' || word === '}') {
      if (words.length > 0) result.push(words);
      words = [];
      result.push(word);
    } else words.push(expand(word, variables));
  }
  const [first = ''] = words;
  const [, name, value] = /^\$(\w{1,64})=(.*)$/s.exec(first) ?? [];
  if (name !== undefined) {
    variables.set(name, [value, ...words.slice(1)].join(' ').slice(0, MOST_EXPANDED));
    return result;
  }
  if (words.length > 0) result.push(words);
  return result;
}

const MOST_EXPANDED = 1024;

function expand(word: string, variables: ReadonlyMap<string, string>): string {
  if (!word.includes('$') || /^\$\w+=/.test(word)) return word;
  return word
    .replaceAll(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (all: string, braced?: string, bare?: string) => variables.get(braced ?? bare ?? '') ?? all,
    )
    .slice(0, MOST_EXPANDED);
}

function* wordsOf(raw: string): Generator<string> {
  let at = 0;
  while (at < raw.length) {
    const char = raw[at] ?? '';
    if (/[\s\0]/.test(char)) at++;
    else if (char === '#' || char === '!') return;
    else if (char === '{' || char === '}') {
      yield char;
      at++;
    } else if (char === '"' || char === "'") {
      const end = raw.indexOf(char, at + 1);
      yield raw.slice(at + 1, end < 0 ? raw.length : end);
      at = end < 0 ? raw.length : end + 1;
    } else {
      const [word = char] = /^(?:\$\{\w+\}|[^\s\0{}"])+/.exec(raw.slice(at, at + 4096)) ?? [];
      yield word;
      at += word.length;
    }
  }
}

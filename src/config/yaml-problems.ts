/** What the YAML library finds wrong, in words for people who do not know YAML. */
import type { Document, ErrorCode } from 'yaml';

export interface Problem {
  readonly rule: string;
  readonly message: string;
  readonly hint: string;
  /** Into the text. */
  readonly offset: number;
}

export const SYNTAX = 'CONFIG_SYNTAX';

const INDENT =
  'Indent with spaces only; keys of one map, and the `-` of one list, start in the same column, their values further right.';
const QUOTE = 'Put values with special characters in quotes: "…".';

const WORDS: Partial<Record<ErrorCode, { message?: string; hint: string }>> = {
  TAB_AS_INDENT: {
    message: 'A tab is used as indentation.',
    hint: 'Indent with spaces, two for each level.',
  },
  BAD_INDENT: { hint: INDENT },
  MULTILINE_IMPLICIT_KEY: {
    message: 'This line is neither `key: value` nor part of the value above it.',
    hint: 'Is a colon missing, or a space after it? Or is the line indented too little?',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A second `key:` stands on a line that has one already, or this line is indented too far.',
    hint: `${INDENT} An address that ends in a colon needs quotes.`,
  },
  BLOCK_IN_FLOW: { hint: 'Between brackets and braces separate items by commas, not by lines and dashes.' },
  MISSING_CHAR: { hint: 'Look for a missing colon, comma, space or quote here or right before.' },
  BAD_SCALAR_START: { hint: QUOTE },
  BAD_DQ_ESCAPE: { hint: "Write \\\\ for a backslash, or use single quotes: '…'." },
  BAD_ALIAS: { hint: `${QUOTE} \`*name\` refers to an \`&name\` further up.` },
  MULTIPLE_DOCS: {
    message: 'The file has a second document (`---`).',
    hint: 'Keep one document in the file.',
  },
  RESOURCE_EXHAUSTION: {
    message: 'Lists and maps are nested too deeply.',
    hint: 'Close the brackets and braces that are open.',
  },
  TAG_RESOLVE_FAILED: {
    message: 'A config has no tags (`!…`).',
    hint: `Remove it, or quote the value. ${QUOTE}`,
  },
  UNEXPECTED_TOKEN: { hint: `Look for a bracket, brace or quote without its partner. ${QUOTE}` },
};

/** More than anyone mends before the next run. */
const MOST = 20;

/** The first problem of each line: what follows on a line is mostly its consequence. */
export function explainYaml(doc: Document.Parsed, text: string): Problem[] {
  const problems: Problem[] = [];
  let endOfLine = -1;
  const sorted = [...doc.errors, ...doc.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  for (const error of sorted) {
    const offset = Math.min(Math.max(error.pos[0], 0), text.length);
    if (offset <= endOfLine) continue;
    const newline = text.indexOf('\n', offset);
    endOfLine = newline < 0 ? text.length : newline;
    problems.push(explain(error.code, error.message, offset, text));
    if (problems.length === MOST) break;
  }
  return problems;
}

function explain(code: ErrorCode, original: string, offset: number, text: string): Problem {
  const tab = tabInIndent(text, offset);
  if (tab !== null) return { rule: SYNTAX, ...tabWords(), offset: tab };
  const words = WORDS[code];
  const message =
    words?.message ?? `${original.split('\n')[0]?.slice(0, 200).replace(/[.:]$/, '') ?? 'Broken YAML'}.`;
  return { rule: SYNTAX, message, hint: words?.hint ?? QUOTE, offset };
}

function tabWords(): { message: string; hint: string } {
  return { message: 'A tab is used as indentation.', hint: 'Indent with spaces, two for each level.' };
}

/** The library tells of a tab by several codes, and often only of what comes of it. */
function tabInIndent(text: string, offset: number): number | null {
  const from = text.lastIndexOf('\n', offset - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(from, from + 1000))?.[0] ?? '';
  const tab = indent.indexOf('\t');
  return tab < 0 ? null : from + tab;
}

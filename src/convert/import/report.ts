/** What an import tells about each line of the file that it read. */
import { nearest } from '../../lib/nearest.ts';

/** In the order of the report: what needs the administrator first. */
export const KINDS = ['fill-in', 'missing', 'changed', 'remark', 'translated', 'unneeded'] as const;

/**
 * - `fill-in`: a value that only the administrator knows; the config is refused until it is there.
 * - `missing`: has no equivalent, and something is lost with it.
 * - `changed`: works otherwise here than it did there.
 * - `remark`: translated or not, it deserves a look.
 * - `translated`: works here as it did there.
 * - `unneeded`: has no equivalent and needs none, such as settings of a process.
 */
export type Kind = (typeof KINDS)[number];

export interface Entry {
  readonly kind: Kind;
  /** Of the file that was read, from 1; 0: the file as a whole. */
  readonly line: number;
  /** Such as `listen OCS`; empty outside all sections. */
  readonly section: string;
  /** What stands there, cut to a readable length. */
  readonly text: string;
  readonly message: string;
  /** What to write or do; may be empty. */
  readonly hint: string;
  /** Number of the deployment rule that it is about, such as R13; empty: of none. */
  readonly rule: string;
}

export interface Place {
  readonly line: number;
  readonly section: string;
  readonly text: string;
}

/** A hostile file could fill the memory with complaints. */
const MOST_ENTRIES = 2000;
const MOST_LOOKED_UP = 300;
const MOST_NAMES = 300;
const MOST_LETTERS = 40;
const MOST_TEXT = 80;
const MOST_WORDS = 600;

/** Collects entries; the same words about the same line are kept once, because sections share what `defaults` say. */
export class Report {
  readonly #entries = new Map<string, Entry>();
  readonly #meant = new Map<string, string | null>();
  #left = 0;
  #important = 0;

  add(kind: Kind, place: Place, message: string, more: { hint?: string; rule?: string } = {}): void {
    const entry: Entry = {
      kind,
      line: place.line,
      section: clip(place.section, MOST_TEXT),
      text: clip(place.text, MOST_TEXT),
      message: clip(message, MOST_WORDS),
      hint: clip(more.hint ?? '', MOST_WORDS),
      rule: more.rule ?? '',
    };
    const key = `${entry.line} ${entry.text} ${entry.message}`;
    if (this.#entries.has(key)) return;
    if (isImportant(kind)) this.#important++;
    if (this.#entries.size < MOST_ENTRIES) this.#entries.set(key, entry);
    else this.#left++;
  }

  /** The name that was probably meant. Bounded: a hostile file has a new word on each line. */
  nearest(word: string, names: readonly string[]): string | null {
    const key = `${names[0]} ${names.length} ${word.slice(0, MOST_LETTERS)}`;
    const known = this.#meant.get(key);
    if (known !== undefined) return known;
    if (word.length > MOST_LETTERS || this.#meant.size >= MOST_LOOKED_UP) return null;
    const found = nearest(word, names.slice(0, MOST_NAMES));
    this.#meant.set(key, found);
    return found;
  }

  /** What was probably meant, as a question; empty when nothing is near. @param before goes before the name */
  meant(word: string, names: readonly string[], before = ''): string {
    const near = this.nearest(word, names);
    return near === null ? '' : `Did you mean \`${before}${near}\`?`;
  }

  /** By kind, then by line. */
  entries(): Entry[] {
    return [...this.#entries.values()].toSorted(
      (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.line - b.line,
    );
  }

  /** How many more there were than are kept. */
  get left(): number {
    return this.#left;
  }

  /** Whether something needs the administrator before the result does what the file did. */
  get incomplete(): boolean {
    return this.#important > 0;
  }
}

/** `Lines 12-14 are left out.`: what a section that is not translated holds. */
export function linesLeftOut(first: number, last: number): string {
  return last > first ? `Lines ${first}-${last} are left out.` : 'It is left out.';
}

export function isImportant(kind: Kind): boolean {
  return kind === 'fill-in' || kind === 'missing';
}

/** One line; what would act on a terminal or a reader is written as JSON would. */
function clip(given: string, most: number): string {
  const text = given
    .slice(0, most * 2)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (sign) => JSON.stringify(sign).slice(1, -1));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

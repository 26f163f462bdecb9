/** What an import tells about each line of the file that it read. */

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
const MOST_TEXT = 80;
const MOST_WORDS = 600;

/** Collects entries; the same words about the same line are kept once, because sections share what `defaults` say. */
export class Report {
  readonly #entries = new Map<string, Entry>();
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

export function isImportant(kind: Kind): boolean {
  return kind === 'fill-in' || kind === 'missing';
}

function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

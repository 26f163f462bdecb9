/**
 * Conditional blocks (`.if`, `.elif`, `.else`, `.endif`), since HAProxy 2.4. What depends on the HAProxy that reads the file
 * cannot be known here: then the first branch is taken, and said so.
 */
import { linesLeftOut, type Place, type Report } from '../report.ts';

type Answer = boolean | null;

interface Block {
  /** Whether what is around it is open. */
  readonly within: boolean;
  /** Whether a branch was taken already. */
  taken: boolean;
  open: boolean;
  /** Of the branch. */
  place: Place;
  readonly begun: Place;
}

/** HAProxy's own bound. */
const MOST_NESTED = 16;

export class Conditions {
  readonly #blocks: Block[] = [];
  readonly #variables: ReadonlyMap<string, string>;
  readonly #report: Report;

  constructor(variables: ReadonlyMap<string, string>, report: Report) {
    this.#variables = variables;
    this.#report = report;
  }

  /** Whether lines are taken here. */
  get open(): boolean {
    return this.#blocks.at(-1)?.open ?? true;
  }

  read(words: readonly string[], place: Place): void {
    const [word, ...condition] = words;
    const block = this.#blocks.at(-1);
    if (word === '.if') this.#begin(condition, place);
    else if (word === '.elif' && block) this.#branch(block, () => this.#answer(condition, place), place);
    else if (word === '.else' && block) this.#branch(block, () => true, place);
    else if (word === '.endif' && block) this.#close(block, place.line);
    else if (/^\.(?:alert|warning|notice|diag)$/.test(word ?? ''))
      this.#report.add('unneeded', place, 'Words of HAProxy for whoever starts it.');
    else this.#report.add('missing', place, 'HAProxy has no such condition here.');
  }

  /** At the end of the file. @param line its last */
  end(line: number): void {
    for (const block of this.#blocks.toReversed()) {
      this.#report.add('remark', block.begun, 'The block has no `.endif`; HAProxy refuses the file.');
      this.#close(block, line + 1);
    }
  }

  #begin(condition: readonly string[], place: Place): void {
    if (this.#blocks.length >= MOST_NESTED) {
      this.#report.add(
        'missing',
        place,
        `Conditions are nested deeper than ${MOST_NESTED}; this one is not looked at.`,
      );
      return;
    }
    const block = { within: this.open, taken: false, open: true, place, begun: place };
    this.#blocks.push(block);
    this.#branch(block, () => this.#answer(condition, place), place);
  }

  #branch(block: Block, answer: () => Answer, place: Place): void {
    this.#tellSkipped(block, place.line);
    block.place = place;
    block.open = block.within && !block.taken && answer() !== false;
    block.taken ||= block.open;
  }

  #close(block: Block, line: number): void {
    this.#tellSkipped(block, line);
    this.#blocks.pop();
    this.#report.add('unneeded', { ...block.begun, line }, 'The end of the condition.');
  }

  /** @param line where the branch ends */
  #tellSkipped(block: Block, line: number): void {
    const { place } = block;
    if (!block.within || line <= place.line) return;
    const lines = linesLeftOut(place.line, line - 1);
    this.#report.add(
      'remark',
      place,
      block.open ? 'This branch is taken.' : `This branch is not taken. ${lines}`,
    );
  }

  #answer(condition: readonly string[], place: Place): Answer {
    const answer = evaluate(condition.join(' '), this.#variables);
    if (answer === null) {
      this.#report.add(
        'missing',
        place,
        'Whether this condition holds cannot be known here; this branch is taken as if it did.',
        {
          hint: 'Remove the branches that do not apply to your HAProxy and import again.',
        },
      );
    }
    return answer;
  }
}

/** Of the predicates those that the file and the environment decide. */
function evaluate(text: string, variables: ReadonlyMap<string, string>): Answer {
  const condition = text.trim();
  if (condition === '' || condition === '0' || condition === 'false') return false;
  if (/^[1-9]\d*$/.test(condition) || condition === 'true') return true;
  const [, not, name] = /^(!?)\s*defined\(\s*([\w.]+)\s*\)$/.exec(condition) ?? [];
  if (name !== undefined) return variables.has(name) !== (not === '!');
  const [, negated, compared, a, b] = /^(!?)\s*str(n?)eq\(([^(),]*),([^(),]*)\)$/.exec(condition) ?? [];
  if (a === undefined || b === undefined) return null;
  return ((a.trim() === b.trim()) !== (compared === 'n')) !== (negated === '!');
}

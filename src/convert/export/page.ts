/** The text of an export while it is being written: lines, blocks, and remarks as comments where they belong. */
import type { Provenance } from '../../config/loaded.ts';
import { type Aspect, type Cell, COVERAGE } from './coverage.ts';
import { type Exported, type Format, type Remark, type RemarkKind, remarkText } from './remark.ts';

const INDENT = '    ';
/** Comments are wrapped here; it is within what every one of the programs reads as one line. */
const WIDTH = 116;

export interface Page {
  readonly format: Format;
  line(text: string): void;
  blank(): void;
  comment(text: string): void;
  /** `head`, what `body` writes one step further in, and `end` if there is one. */
  block(head: string, body: () => void, end?: string): void;
  /** @param value as the config would say it @param detail goes after what the table of coverage says */
  remark(aspect: Aspect, path: string, value?: string, detail?: string): void;
  done(): Exported;
}

/** @param provenance tells what somebody wrote from what is merely the schema's default */
export function newPage(format: Format, provenance: readonly Provenance[]): Page {
  const lines: string[] = [];
  const remarks = new Map<string, Remark>();
  const defaults = new Set(provenance.filter(({ from }) => from === 'schema').map(({ path }) => path));
  let depth = 0;
  const line = (text: string): void => void lines.push(INDENT.repeat(depth) + text);
  const comment = (text: string): void => {
    for (const part of wrapped(text, WIDTH - 2 - depth * INDENT.length)) line(`# ${part}`);
  };
  return {
    format,
    line,
    comment,
    blank: () => void lines.push(''),
    block: (head, body, end) => {
      line(head);
      depth += 1;
      body();
      depth -= 1;
      if (end !== undefined) line(end);
    },
    remark: (aspect, path, value = '', detail = '') => {
      const { how, text, harmless }: Cell = COVERAGE[aspect][format];
      if (how === 'same') throw new Error(`${aspect} is the same in ${format}`);
      const kind: RemarkKind = defaults.has(path) || harmless ? 'note' : how;
      const remark = { kind, aspect, path, value, text: detail === '' ? text : `${text}: ${detail}` };
      const key = JSON.stringify(remark);
      if (remarks.has(key)) return;
      comment(remarkText(remark));
      remarks.set(key, remark);
    },
    done: () => ({ text: `${lines.join('\n')}\n`, remarks: [...remarks.values()] }),
  };
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width)
      lines.push(lines.length > 0 ? `  ${word}` : word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

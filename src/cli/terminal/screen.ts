/** The terminal as a picture that changes: drawn without flicker, and given back as it was. */
import type { ReadStream, WriteStream } from 'node:tty';

const ESC = '\u001b[';
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}2J`;
const LEAVE = `${ESC}0m${ESC}?25h${ESC}?1049l`;
/** Terminals that know them (synchronized output) show a frame at once; others ignore them. */
const FRAME = [`${ESC}?2026h`, `${ESC}?2026l`] as const;

export interface ScreenOptions {
  readonly output: WriteStream;
  /** Null when no keys can be read. */
  readonly input: ReadStream | null;
  readonly onKey: (key: string) => void;
  /** The window has another size; draw again. */
  readonly onResize: () => void;
}

export class Screen {
  readonly #options: ScreenOptions;
  #drawn: readonly string[] = [];
  #open = true;
  readonly #leave = (): void => this.close();
  readonly #resized = (): void => {
    this.#options.output.write(`${ESC}2J`);
    this.#drawn = [];
    this.#options.onResize();
  };
  readonly #typed = (typed: Buffer): void => {
    for (const key of keysOf(typed.toString('utf8'))) this.#options.onKey(key);
  };

  constructor(options: ScreenOptions) {
    this.#options = options;
    const { input, output } = options;
    output.write(ENTER);
    output.on('resize', this.#resized);
    process.on('exit', this.#leave);
    input?.setRawMode(true);
    input?.on('data', this.#typed);
    input?.resume();
  }

  get size(): { columns: number; rows: number } {
    const { columns, rows } = this.#options.output;
    // A terminal that does not tell its size (0) is taken for the smallest usual one.
    return { columns: columns || 80, rows: rows || 24 };
  }

  /** Writes only the lines that differ from what is there. @param lines each as wide as the window */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const changed = lines.flatMap((line, at) =>
      line === this.#drawn[at] ? [] : [`${ESC}${at + 1};1H${line}`],
    );
    this.#drawn = lines;
    if (changed.length > 0) this.#options.output.write(FRAME[0] + changed.join('') + FRAME[1]);
  }

  /** Safe to call twice. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    const { input, output } = this.#options;
    process.off('exit', this.#leave);
    output.off('resize', this.#resized);
    input?.off('data', this.#typed);
    input?.setRawMode(false);
    input?.pause();
    output.write(LEAVE);
  }
}

/** Single keys; an escape sequence (an arrow, say) is one key. */
export function keysOf(typed: string): string[] {
  // oxlint-disable-next-line no-control-regex -- escape sequences are what it is for
  return typed.match(/\u001b\[[0-9;]*[A-Za-z~]|\u001bO.|[\s\S]/g) ?? [];
}

/** What a command may touch of the world outside; main.ts gives the real one, tests give their own. */
import type { ReadStream, WriteStream } from 'node:tty';

export interface Io {
  /** Data, and nothing but data. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Width of the terminal that data goes to; null when it goes to a file or a pipe. */
  readonly columns: number | null;
  readonly colour: boolean;
  /**
   * Asks whether to go on; null, and not asked, when nobody is there to answer (stdin or stderr is no terminal).
   * @param question made only when it is asked
   */
  confirm(question: () => Promise<string>): Promise<boolean | null>;
  /** The terminal as a whole, for live views; null where there is none that can show one. */
  readonly terminal: Terminal | null;
  /** Wall clock, ms since 1970. */
  now(): number;
  /** Ends commands that would go on for ever (Ctrl-C). */
  readonly interrupted: AbortSignal;
}

export interface Terminal {
  readonly output: WriteStream;
  /** Null when no keys can be read. */
  readonly input: ReadStream | null;
}

/** Exit codes, the same for every command. */
export const EXIT = { fine: 0, refused: 1, usage: 2, unreachable: 3 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Colours only where a person looks on, and never where one asked for none (https://no-color.org). */
export function wantsColour(isTerminal: boolean, env: Io['env']): boolean {
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

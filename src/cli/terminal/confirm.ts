import { createInterface } from 'node:readline/promises';
import type { ReadStream, WriteStream } from 'node:tty';

/**
 * Asks on a terminal; `y` and `yes` agree, all else, Ctrl-C and the end of input do not.
 * @returns null when there is no terminal to ask on
 */
export async function confirmOn(
  input: ReadStream,
  output: WriteStream,
  question: () => Promise<string>,
): Promise<boolean | null> {
  if (!input.isTTY || !output.isTTY) return null;
  const text = await question();
  const lines = createInterface({ input, output });
  const left = new AbortController();
  lines.on('close', () => left.abort());
  lines.on('SIGINT', () => lines.close());
  try {
    return /^\s*y(es)?\s*$/i.test(await lines.question(text, { signal: left.signal }));
  } catch {
    output.write('\n');
    return false;
  } finally {
    lines.close();
  }
}

import { createHash } from 'node:crypto';

/** SHA-256 of the text's UTF-8 bytes, in hex: tells whether a file is still what was read. */
export function hashText(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** What a failure of the system is called in a result, and which failures say nothing about the server. */
import { getSystemErrorMap } from 'node:util';

export const TIMED_OUT = 'Connection timed out';

/** Of the text of a result; the rest of what a server sent is of no use in a table. */
const LONGEST_TEXT = 160;

/** Failures that say something about this machine and nothing about the server. */
const LOCAL_SHORTAGE = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'ABORT_ERR',
]);

export function isLocalShortage(error: NodeJS.ErrnoException): boolean {
  return LOCAL_SHORTAGE.has(error.code ?? '');
}

/** The C library's words, which HAProxy shows too, where libuv has words of its own. */
const LIBC_WORDS: Readonly<Record<string, string>> = {
  EHOSTUNREACH: 'No route to host',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EPERM: 'Operation not permitted',
  ENOBUFS: 'No buffer space available',
  ECONNRESET: 'Connection reset by peer',
};

export function wordsOf(error: NodeJS.ErrnoException): string {
  const known = LIBC_WORDS[error.code ?? ''];
  if (known) return known;
  const [, words = error.message] = getSystemErrorMap().get(error.errno ?? 0) ?? [];
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** One short line: text may quote what a hostile server sent. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFD]+/gu, ' ').trim();
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT - 1)}…` : line;
}

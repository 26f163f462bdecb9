/**
 * Keys and values that the config format has and this version does not do yet. They are refused, never ignored: a
 * limit that silently does nothing is worse than none. Whoever builds one deletes its row.
 */
import { isLoopback, parseListen } from './listen.ts';

export interface NotAvailable {
  /** `[]` stands for every item of a list. */
  readonly key: string;
  /** Which values are refused; absent: any. */
  readonly refuses?: (value: unknown) => boolean;
  /** What is not available, as the subject of a sentence in the singular. */
  readonly what: string;
  /** What to write instead. */
  readonly instead: string;
}

export const NOT_AVAILABLE: readonly NotAvailable[] = [
  {
    key: 'admin.listen',
    refuses: offLoopback,
    what: 'an admin API off loopback, which needs TLS,',
    instead: 'Write 127.0.0.1:9080 or another loopback address; reach it from elsewhere through SSH.',
  },
];

function offLoopback(value: unknown): boolean {
  const listen = typeof value === 'string' ? parseListen(value) : null;
  return listen !== null && !isLoopback(listen.host);
}

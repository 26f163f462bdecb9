import { connect } from 'node:net';
import { getSystemErrorMap } from 'node:util';
import type { Clock } from '../lib/clock.ts';
import type { ProbeOutcome, ProbeTarget } from './probe.ts';

/**
 * Connects, and closes the orderly way: a reset, or a close with the server's greeting unread, would have many
 * servers log an error at every check. The socket may outlive the verdict until the server closes too, but not the
 * check's timeout.
 */
export function probeTcp(target: ProbeTarget, clock: Clock, signal: AbortSignal): Promise<ProbeOutcome> {
  return new Promise((settle) => {
    const started = clock.monotonic();
    const finish = (result: ProbeOutcome['result'], good: boolean | null, text: string): void =>
      settle({ result, good, text, durationMs: Math.round(clock.monotonic() - started) });

    const socket = connect({ host: target.address, port: target.port, signal });
    const giveUp = (): void => {
      finish('L4TOUT', false, TIMED_OUT);
      socket.destroy();
    };
    // Timers run before arrived packets are looked at. Had this thread been held up, the answer may be there already,
    // and a busy balancer would take its servers for silent ones; so it looks once more first.
    const deadline = clock.after(target.timeoutMs, () => setImmediate(giveUp));
    socket.on('connect', () => {
      finish('L4OK', true, '');
      socket.resume();
      socket.end();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? '';
      if (code === 'ETIMEDOUT') finish('L4TOUT', false, TIMED_OUT);
      else if (LOCAL_SHORTAGE.has(code)) finish('SOCKERR', null, wordsOf(error));
      else finish('L4CON', false, wordsOf(error));
    });
    socket.on('close', () => deadline.cancel());
  });
}

const TIMED_OUT = 'Connection timed out';

/** Failures of connect(2) that say something about this machine and nothing about the server. */
const LOCAL_SHORTAGE = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'ABORT_ERR',
]);

/** The C library's words, which HAProxy shows too, where libuv has words of its own. */
const LIBC_WORDS: Readonly<Record<string, string>> = {
  EHOSTUNREACH: 'No route to host',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EPERM: 'Operation not permitted',
  ENOBUFS: 'No buffer space available',
};

function wordsOf(error: NodeJS.ErrnoException): string {
  const known = LIBC_WORDS[error.code ?? ''];
  if (known) return known;
  const [, words = error.message] = getSystemErrorMap().get(error.errno ?? 0) ?? [];
  return words.charAt(0).toUpperCase() + words.slice(1);
}

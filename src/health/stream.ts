/** A probe's talk over TCP, with TLS or without: opens, asks, listens, judges, closes, all within the timeout. */
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { Clock } from '../lib/clock.ts';
import type { TlsWishes } from '../model/effective.ts';
import { certificateProblem, handshakeOptions } from './handshake.ts';
import type { ProbeOutcome, ProbeTarget } from './probe.ts';
import { bad, notAsked, type Verdict } from './verdict.ts';
import { isLocalShortage, oneLine, TIMED_OUT, wordsOf } from './words.ts';

/** What one kind of check says and makes of the answers. None of it may throw, whatever the server sends. */
export interface Script extends Listener {
  readonly tls: TlsWishes | null;
  /** Protocols offered by ALPN. */
  readonly alpn?: readonly string[];
  /** The connection stands, and the handshake is done where there is one: what is sent, or the verdict already. */
  opened(socket: Socket): string | Verdict;
}

export interface Listener {
  /** Null: not enough to judge by. */
  heard(bytes: Buffer): Verdict | null;
  /** The server ended the connection. */
  ended(): Verdict;
  /** The time is over. */
  late(): Verdict;
}

/** After the verdict so much more may come before the connection is cut: the rest of a page, not an endless one. */
const AFTERWARDS_BYTES = 65_536;

/** How far it got decides which word a failure has. */
type Stage = 'connecting' | 'handshake' | 'talking' | 'closing';

/** As `Probe` demands: settles within the timeout, never rejects; the socket lives no longer than the timeout. */
export function converse(
  target: ProbeTarget,
  script: Script,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  return new Promise((settle) => {
    const started = clock.monotonic();
    const report = (verdict: Verdict): void => {
      const durationMs = Math.round(clock.monotonic() - started);
      settle({ ...verdict, text: oneLine(verdict.text), durationMs });
    };
    if (signal.aborted) return report(notAsked('Aborted'));
    try {
      new Conversation(target, script, clock, report).start(target.timeoutMs, signal);
    } catch (error) {
      // What is wrong before anything is sent is wrong here, such as a file of certificates that cannot be read.
      report(notAsked((error as Error).message));
    }
  });
}

class Conversation {
  readonly #script: Script;
  readonly #socket: Socket | TLSSocket;
  readonly #report: (verdict: Verdict) => void;
  readonly #clock: Clock;
  #stage: Stage = 'connecting';
  #afterwards = 0;

  /** @throws Error when the file of trusted certificates cannot be used */
  constructor(target: ProbeTarget, script: Script, clock: Clock, report: (verdict: Verdict) => void) {
    this.#script = script;
    this.#report = report;
    this.#clock = clock;
    this.#socket = open(target, script);
  }

  start(timeoutMs: number, signal: AbortSignal): void {
    const script = this.#script;
    const socket = this.#socket;
    // Timers run before arrived packets are looked at. Had this thread been held up, the answer may be there already,
    // and a busy balancer would take its servers for silent ones; so it looks once more first.
    const deadline = this.#clock.after(timeoutMs, () => setImmediate(() => this.#cut(this.#late())));
    const abort = (): void => this.#cut(notAsked('Aborted'));
    signal.addEventListener('abort', abort, { once: true });
    socket.on('connect', () => (script.tls ? (this.#stage = 'handshake') : this.#talk()));
    socket.on('secureConnect', () => this.#secured());
    socket.on('data', (bytes: Buffer) => this.#hear(bytes));
    socket.on('end', () => this.#judge(script.ended()));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#judge(this.#failure(error)));
    socket.on('close', () => {
      deadline.cancel();
      signal.removeEventListener('abort', abort);
      // A connection can also close without a word.
      this.#judge(script.ended());
    });
  }

  #secured(): void {
    const { tls } = this.#script;
    const problem = tls && certificateProblem(this.#socket as TLSSocket, tls, this.#clock.now());
    if (problem) this.#judge(bad('L6RSP', problem));
    else this.#talk();
  }

  #talk(): void {
    if (this.#stage === 'closing') return;
    this.#stage = 'talking';
    const first = this.#script.opened(this.#socket);
    if (typeof first !== 'string') this.#judge(first);
    else this.#socket.write(first);
  }

  #hear(bytes: Buffer): void {
    if (this.#stage === 'closing') {
      this.#afterwards += bytes.length;
      if (this.#afterwards > AFTERWARDS_BYTES) this.#socket.destroy();
      return;
    }
    const verdict = this.#script.heard(bytes);
    if (verdict) this.#judge(verdict);
  }

  /**
   * The first verdict counts. Closes the orderly way: a reset, or a close with the rest of a page unread, would have
   * many servers log an error at every check.
   */
  #judge(verdict: Verdict): void {
    if (this.#stage === 'closing') return;
    this.#stage = 'closing';
    this.#report(verdict);
    this.#socket.end();
  }

  #cut(verdict: Verdict): void {
    this.#judge(verdict);
    this.#socket.destroy();
  }

  #late(): Verdict {
    if (this.#stage === 'connecting') return bad('L4TOUT', TIMED_OUT);
    return this.#stage === 'handshake' ? bad('L6TOUT', 'TLS handshake timed out') : this.#script.late();
  }

  #failure(error: NodeJS.ErrnoException): Verdict {
    if (isLocalShortage(error)) return notAsked(wordsOf(error));
    if (this.#stage === 'connecting') {
      return error.code === 'ETIMEDOUT' ? bad('L4TOUT', TIMED_OUT) : bad('L4CON', wordsOf(error));
    }
    if (error.code === 'ETIMEDOUT') return this.#late();
    return this.#stage === 'handshake'
      ? bad('L6RSP', `TLS handshake failed: ${tlsWords(error)}`)
      : bad('L7RSP', tlsWords(error));
  }
}

function open({ address, port }: ProbeTarget, script: Script): Socket | TLSSocket {
  if (!script.tls) return connect({ host: address, port });
  const options: ConnectionOptions = { ...handshakeOptions(script.tls), host: address, port };
  return connectTls(script.alpn ? { ...options, ALPNProtocols: [...script.alpn] } : options);
}

/** OpenSSL's reason, such as `wrong version number`. Node calls an early end a reset too, but with words of its own. */
function tlsWords(error: NodeJS.ErrnoException & { reason?: string }): string {
  if (error.reason !== undefined) return error.reason;
  return /disconnected before secure/.test(error.message) ? 'connection closed' : wordsOf(error);
}

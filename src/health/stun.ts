import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { Clock, Timer } from '../lib/clock.ts';
import type { ProbeOutcome, ProbeTarget } from './probe.ts';
import { bindingRequest, readAnswer } from './stun-message.ts';
import { bad, good, notAsked, type Verdict } from './verdict.ts';
import { isLocalShortage, oneLine, TIMED_OUT, wordsOf } from './words.ts';

/** RFC 8489 6.2.1: 500 ms, then twice as long each time. A shorter timeout has its three requests all the same. */
const FIRST_WAIT_MS = 500;
const WAITS_IN_TIMEOUT = 6;

/** More datagrams than this that are no answer, and there is no hope of one. */
const MOST_STRANGE = 100;

/**
 * A Binding request over UDP, sent again while there is no answer. Datagrams that are not its answer are passed over,
 * as RFC 8489 6.3 wants; when nothing else came in time, that is L7RSP. Silence is L4TOUT, because nothing showed that
 * the machine is there.
 */
export function probeStun(target: ProbeTarget, clock: Clock, signal: AbortSignal): Promise<ProbeOutcome> {
  return new Promise((settle) => {
    const started = clock.monotonic();
    if (signal.aborted) return settle({ ...notAsked('Aborted'), durationMs: 0 });
    const exchange = new Exchange(target, clock, (verdict) => {
      const durationMs = Math.round(clock.monotonic() - started);
      settle({ ...verdict, text: oneLine(verdict.text), durationMs });
    });
    exchange.start(target, signal);
  });
}

class Exchange {
  readonly #clock: Clock;
  readonly #report: (verdict: Verdict) => void;
  readonly #transaction = randomBytes(12);
  readonly #socket: Socket;
  #deadline: Timer | null = null;
  #stopListening = (): void => {};
  #again: Timer | null = null;
  #strange = 0;
  #why = '';
  #closed = false;

  constructor({ address }: ProbeTarget, clock: Clock, report: (verdict: Verdict) => void) {
    this.#clock = clock;
    this.#report = report;
    this.#socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  }

  start({ address, port, timeoutMs }: ProbeTarget, signal: AbortSignal): void {
    const abort = (): void => this.#judge(notAsked('Aborted'));
    signal.addEventListener('abort', abort, { once: true });
    this.#stopListening = () => signal.removeEventListener('abort', abort);
    // As on TCP: an answer that has arrived while this thread was held up is looked at first.
    this.#deadline = this.#clock.after(timeoutMs, () => setImmediate(() => this.#judge(this.#late())));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#socket.on('message', (datagram) => this.#hear(datagram));
    // Connected, the kernel drops what others send, and tells that the port is closed.
    this.#socket.connect(port, address, () => {
      if (!this.#closed) this.#send(Math.min(FIRST_WAIT_MS, timeoutMs / WAITS_IN_TIMEOUT));
    });
  }

  #send(waitMs: number): void {
    this.#socket.send(bindingRequest(this.#transaction), (error) => error && this.#failed(error));
    this.#again = this.#clock.after(waitMs, () => this.#send(2 * waitMs));
  }

  #hear(datagram: Buffer): void {
    const answer = readAnswer(datagram, this.#transaction);
    if (answer.kind === 'success') return this.#judge(good('L7OK'));
    if (answer.kind === 'error') {
      return this.#judge(bad('L7STS', `Server returned ${answer.code} ${answer.reason}`.trim()));
    }
    this.#why = answer.why;
    this.#strange += 1;
    if (this.#strange > MOST_STRANGE) this.#judge(this.#late());
  }

  #late(): Verdict {
    return this.#strange > 0 ? bad('L7RSP', this.#why) : bad('L4TOUT', TIMED_OUT);
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.#judge(isLocalShortage(error) ? notAsked(wordsOf(error)) : bad('L4CON', wordsOf(error)));
  }

  #judge(verdict: Verdict): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deadline?.cancel();
    this.#again?.cancel();
    this.#stopListening();
    this.#report(verdict);
    this.#socket.close();
  }
}

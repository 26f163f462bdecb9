/**
 * One connection at a stand-in server. The server says who it is; the client's first line then says what is to happen:
 *
 *   echo          every byte comes back; the end too
 *   send N        N bytes of the pattern, then the server's end; it goes on reading
 *   after-end N   reads to the client's end, then sends N bytes of the pattern and its own end
 *   sink          reads to the client's end, then `BYTES SHA256` and its own end
 *   stall         reads nothing until the lab says `resume`, then like sink
 *   hold          reads and throws away; never ends by itself, not even after the client's end
 *   reset         a reset at once
 */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { sendPattern } from '../agent/send-pattern.ts';

export type Outcome = 'open' | 'ended' | 'reset' | 'reset-by-server' | 'failed';

export class Conversation {
  readonly port: number;
  readonly peer: string;
  command = '';
  outcome: Outcome = 'open';
  /** Payload bytes after the command line. */
  received = 0;
  /** Of what was received, once the client has ended. */
  digest: string | null = null;
  private readonly hash = createHash('sha256');
  private readonly socket: Socket;
  private head = Buffer.alloc(0);

  constructor(socket: Socket, greeting: string, onClose: (conversation: Conversation) => void) {
    this.socket = socket;
    this.port = socket.localPort ?? 0;
    this.peer = `${socket.remoteAddress}|${socket.remotePort}`;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.hear(chunk));
    socket.on('end', () => this.clientEnded());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.outcome === 'open') this.outcome = isReset(error) ? 'reset' : 'failed';
    });
    socket.once('close', () => {
      if (this.outcome === 'open') this.outcome = 'ended';
      onClose(this);
    });
    if (greeting) socket.write(greeting);
  }

  /** A client that only connects, as a health check does, has not spoken. */
  get spoke(): boolean {
    return this.command !== '';
  }

  get sent(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  reset(): void {
    if (this.outcome === 'open') this.outcome = 'reset-by-server';
    this.socket.resetAndDestroy();
  }

  /** The client's half is over for good; ends ours. */
  end(): void {
    this.socket.end();
  }

  resume(): void {
    this.socket.resume();
  }

  say(text: string): void {
    this.socket.write(text);
  }

  private hear(chunk: Buffer): void {
    if (this.command !== '') {
      this.payload(chunk);
      return;
    }
    this.head = Buffer.concat([this.head, chunk]);
    const line = this.head.indexOf('\n');
    if (line < 0) return;
    this.command = this.head.toString('latin1', 0, line).trim() || 'hold';
    this.obey(this.words[0] ?? '', Number(this.words[1] ?? 0));
    const rest = this.head.subarray(line + 1);
    if (rest.length > 0) this.payload(rest);
  }

  private get words(): string[] {
    return this.command.split(' ');
  }

  private obey(verb: string, amount: number): void {
    if (verb === 'send') sendPattern(this.socket, amount, () => this.socket.end());
    if (verb === 'stall') this.socket.pause();
    if (verb === 'reset') this.reset();
  }

  private payload(chunk: Buffer): void {
    this.received += chunk.length;
    this.hash.update(chunk);
    if (this.words[0] !== 'echo' || this.socket.write(chunk)) return;
    this.socket.pause();
    this.socket.once('drain', () => this.socket.resume());
  }

  private clientEnded(): void {
    this.digest = this.hash.digest('hex');
    const [verb = '', amount = '0'] = this.words;
    if (verb === 'hold' || verb === 'send') return;
    if (verb === 'after-end') sendPattern(this.socket, Number(amount), () => this.socket.end());
    else if (verb === 'sink' || verb === 'stall') this.socket.end(`${this.received} ${this.digest}\n`);
    else this.socket.end();
  }
}

/** EPIPE is how a reset shows when it is met while writing. */
function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

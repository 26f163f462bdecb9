/** One bulk transfer with a stand-in server; both ends show by a digest whether every byte arrived. */
import { createHash, type Hash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { sendPattern } from '../agent/send-pattern.ts';

export interface TalkArgument {
  readonly host: string;
  readonly port: number;
  /** The first line, see servers/conversation.ts. */
  readonly command: string;
  /** Bytes of the pattern to send before our end; default 0. */
  readonly bytes?: number;
  /** When to send them: at once, or only after the server has ended its half; default `at-once`. */
  readonly when?: 'at-once' | 'after-server-end';
  /** Read nothing until `resumeTalks`. */
  readonly stalled?: boolean;
}

export interface TalkState {
  readonly id: number;
  readonly server: string | null;
  /** Bytes after the greeting, and their digest once the server has ended. */
  readonly received: number;
  readonly digest: string | null;
  /** The first 100 characters of what came after the greeting. */
  readonly text: string;
  readonly sent: number;
  readonly ended: boolean;
  readonly closed: boolean;
  readonly error: string | null;
}

class Talk {
  readonly id: number;
  server: string | null = null;
  received = 0;
  digest: string | null = null;
  text = '';
  error: string | null = null;
  ended = false;
  readonly socket: Socket;
  private readonly hash: Hash = createHash('sha256');
  private greeting = Buffer.alloc(0);
  private readonly done = Promise.withResolvers<void>();

  constructor(id: number, argument: TalkArgument) {
    this.id = id;
    this.socket = connect({ host: argument.host, port: argument.port, allowHalfOpen: true });
    const { socket } = this;
    const send = (): void => sendPattern(socket, argument.bytes ?? 0, () => socket.end());
    socket.once('connect', () => {
      socket.write(`${argument.command}\n`);
      if (argument.when !== 'after-server-end') send();
    });
    socket.on('data', (chunk: Buffer) => this.hear(chunk));
    socket.once('end', () => {
      this.ended = true;
      this.digest = this.hash.digest('hex');
      if (argument.when === 'after-server-end') send();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error ??= error.code ?? error.message;
    });
    socket.once('close', () => this.done.resolve());
    if (argument.stalled) socket.pause();
  }

  finished(): Promise<void> {
    return this.done.promise;
  }

  state(): TalkState {
    const { id, server, received, digest, text, error, ended, socket } = this;
    const sent = socket.bytesWritten - socket.writableLength;
    return { id, server, received, digest, text, error, ended, sent, closed: socket.closed };
  }

  private hear(chunk: Buffer): void {
    if (this.server !== null) {
      this.payload(chunk);
      return;
    }
    this.greeting = Buffer.concat([this.greeting, chunk]);
    const line = this.greeting.indexOf('\n');
    if (line < 0) return;
    this.server = /^I am (\w+):/.exec(this.greeting.toString('latin1', 0, line))?.[1] ?? '?';
    this.payload(this.greeting.subarray(line + 1));
  }

  private payload(chunk: Buffer): void {
    this.received += chunk.length;
    this.hash.update(chunk);
    if (this.text.length < 100) this.text += chunk.toString('latin1', 0, 100 - this.text.length);
  }
}

const all = new Map<number, Talk>();
let last = 0;

/** Starts a transfer and returns its id. */
export function startTalk(argument: TalkArgument): number {
  last += 1;
  all.set(last, new Talk(last, argument));
  return last;
}

function chosen(ids: readonly number[]): Talk[] {
  return ids.flatMap((id) => all.get(id) ?? []);
}

export function talks(argument: { ids: readonly number[] }): TalkState[] {
  return chosen(argument.ids).map((talk) => talk.state());
}

export function resumeTalks(argument: { ids: readonly number[] }): void {
  for (const talk of chosen(argument.ids)) talk.socket.resume();
}

/** Waits until these are over and returns how they went. */
export async function finishTalks(argument: { ids: readonly number[] }): Promise<TalkState[]> {
  const those = chosen(argument.ids);
  await Promise.all(those.map((talk) => talk.finished()));
  return those.map((talk) => talk.state());
}

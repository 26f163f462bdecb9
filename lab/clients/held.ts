/** Connections that a crowd of clients opens and holds; each knows which server said `I am …` on it. */
import { connect, type Socket } from 'node:net';

export interface OpenArgument {
  readonly host: string;
  readonly port: number;
  readonly count: number;
  /** The first line to send, see servers/conversation.ts; none: the client stays silent. */
  readonly command?: string;
  /** Local address. */
  readonly from?: string;
  /** Do not wait for the server's greeting. */
  readonly withoutGreeting?: boolean;
  /** TCP keep-alives every second. */
  readonly keepAlive?: boolean;
  /** Milliseconds; default 10,000. */
  readonly timeoutMs?: number;
}

export interface HeldState {
  readonly id: number;
  /** The server's name, `fe01`, or null if none said one. */
  readonly server: string | null;
  /** The port that the server says it has. */
  readonly serverPort: number | null;
  readonly open: boolean;
  /** The system's code for how it failed: ECONNREFUSED, ECONNRESET …; TIMEOUT if the greeting never came. */
  readonly error: string | null;
  /** The server ended its half. */
  readonly ended: boolean;
  readonly bytesIn: number;
  readonly localPort: number;
  /** Milliseconds from the start to the greeting or the failure. */
  readonly openMs: number;
  /** Milliseconds from the start to its end, or until now. */
  readonly ageMs: number;
}

interface Held {
  readonly socket: Socket;
  readonly startedAt: number;
  state: { -readonly [K in keyof HeldState]: HeldState[K] };
  lines: string[];
  tail: string;
  onLine: (() => void) | null;
}

const all = new Map<number, Held>();
let last = 0;

/** Opens `count` connections at once; resolves when each has its greeting or has failed. */
export function open(argument: OpenArgument): Promise<HeldState[]> {
  return Promise.all(Array.from({ length: argument.count }, () => openOne(argument)));
}

function openOne(argument: OpenArgument): Promise<HeldState> {
  last += 1;
  const socket = connect({
    host: argument.host,
    port: argument.port,
    allowHalfOpen: true,
    noDelay: true,
    ...(argument.from ? { localAddress: argument.from } : {}),
    ...(argument.keepAlive ? { keepAlive: true, keepAliveInitialDelay: 1000 } : {}),
  });
  const held: Held = { socket, startedAt: Date.now(), state: blank(last), lines: [], tail: '', onLine: null };
  all.set(last, held);
  return new Promise((resolve) => {
    const late = setTimeout(() => settle('TIMEOUT'), argument.timeoutMs ?? 10_000);
    const settle = (error: string | null): void => {
      clearTimeout(late);
      if (held.state.openMs < 0) held.state.openMs = Date.now() - held.startedAt;
      held.state.error ??= error;
      resolve(stateOf(held));
    };
    follow(held, settle, argument.withoutGreeting === true);
    socket.once('connect', () => {
      held.state.open = true;
      held.state.localPort = socket.localPort ?? 0;
      if (argument.command) socket.write(`${argument.command}\n`);
      if (argument.withoutGreeting) settle(null);
    });
  });
}

function blank(id: number): Held['state'] {
  const numbers = { bytesIn: 0, localPort: 0, openMs: -1, ageMs: -1 };
  return { id, server: null, serverPort: null, open: false, error: null, ended: false, ...numbers };
}

function follow(held: Held, settle: (error: string | null) => void, withoutGreeting: boolean): void {
  const { socket, state } = held;
  socket.on('data', (chunk: Buffer) => {
    state.bytesIn += chunk.length;
    const lines = (held.tail + chunk.toString('latin1')).split('\n');
    held.tail = lines.pop() ?? '';
    held.lines.push(...lines);
    if (state.server === null && !withoutGreeting) greet(held, settle);
    held.onLine?.();
  });
  socket.on('end', () => {
    state.ended = true;
    settle(null);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    state.error ??= error.code ?? error.message;
  });
  socket.once('close', () => {
    state.open = false;
    state.ageMs = Date.now() - held.startedAt;
    settle(state.error);
    held.onLine?.();
  });
}

function greet(held: Held, settle: (error: string | null) => void): void {
  const who = /^I am (\w+):(\d+)$/.exec(held.lines[0] ?? '');
  if (!who) return;
  held.lines.shift();
  held.state.server = who[1] ?? null;
  held.state.serverPort = Number(who[2]);
  settle(null);
}

function stateOf(held: Held): HeldState {
  return { ...held.state, ageMs: held.state.ageMs < 0 ? Date.now() - held.startedAt : held.state.ageMs };
}

function chosen(ids: readonly number[] | undefined): Held[] {
  if (ids === undefined) return [...all.values()];
  return ids.flatMap((id) => all.get(id) ?? []);
}

export function states(argument: { ids?: readonly number[] }): HeldState[] {
  return chosen(argument.ids).map(stateOf);
}

/** Sends a line on each of these (opened with `echo`) and waits for it to come back; returns those where it did not. */
export async function exchange(argument: { ids: readonly number[]; timeoutMs?: number }): Promise<number[]> {
  const ok = await Promise.all(chosen(argument.ids).map((held) => echo(held, argument.timeoutMs ?? 5000)));
  return argument.ids.filter((_, i) => ok[i] !== true);
}

function echo(held: Held, timeoutMs: number): Promise<boolean> {
  if (!held.state.open || held.state.ended) return Promise.resolve(false);
  const word = `${held.state.id}-${Date.now()}`;
  held.lines = [];
  held.socket.write(`${word}\n`);
  return new Promise((resolve) => {
    const finish = (ok: boolean): void => {
      clearTimeout(late);
      held.onLine = null;
      resolve(ok);
    };
    const late = setTimeout(() => finish(false), timeoutMs);
    held.onLine = () => {
      if (held.lines.includes(word)) finish(true);
      else if (!held.state.open) finish(false);
    };
  });
}

/** Sends text on each of these, without waiting for anything. */
export function say(argument: { ids: readonly number[]; text: string }): void {
  for (const held of chosen(argument.ids)) held.socket.write(argument.text);
}

/** Ends our half and leaves the other open. */
export function halfClose(argument: { ids: readonly number[] }): void {
  for (const held of chosen(argument.ids)) held.socket.end();
}

/** Ends these (all if none are named) in order or by a reset; resolves when they are gone, and forgets them. */
export async function close(argument: { ids?: readonly number[]; how: 'end' | 'reset' }): Promise<void> {
  const those = chosen(argument.ids);
  await Promise.all(those.map((held) => closeOne(held, argument.how)));
  for (const held of those) all.delete(held.state.id);
}

function closeOne(held: Held, how: 'end' | 'reset'): Promise<void> {
  if (held.socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    held.socket.once('close', () => resolve());
    // What is still connecting can be neither ended nor reset, only given up.
    if (held.socket.connecting) held.socket.destroy();
    else if (how === 'reset') held.socket.resetAndDestroy();
    else held.socket.end();
  });
}

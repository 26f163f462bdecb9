/**
 * Steady traffic in the background: so many new connections a second over some ports, each of which exchanges a few
 * lines with its server and ends in order. Whatever goes otherwise is written down with the server it happened at.
 */
import { connect, type Socket } from 'node:net';

export interface LoadArgument {
  readonly host: string;
  readonly ports: readonly number[];
  /** New connections per second. */
  readonly rate: number;
  /** Milliseconds that a connection is held, chosen evenly from this range; default 50 to 400. */
  readonly holdMs?: readonly [number, number];
  /** Milliseconds without an answer after which a connection counts as lost; default 10,000. */
  readonly patienceMs?: number;
}

export interface Failure {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly port: number;
  /** The server, or null if the connection failed before one said its name. */
  readonly server: string | null;
  readonly error: string;
  readonly ageMs: number;
}

export interface LoadSummary {
  readonly started: number;
  readonly good: number;
  readonly open: number;
  readonly exchanges: number;
  readonly failed: number;
  /** The first 20,000. */
  readonly failures: readonly Failure[];
  readonly goodByServer: Record<string, number>;
}

const EXCHANGE_EVERY_MS = 100;
const TICK_MS = 5;
const REMEMBERED = 20_000;

class Load {
  private readonly argument: LoadArgument;
  private readonly startedAt = Date.now();
  private readonly timer: NodeJS.Timeout;
  private readonly sockets = new Set<Socket>();
  private readonly counts = { started: 0, good: 0, exchanges: 0, failed: 0 };
  private readonly failures: Failure[] = [];
  private readonly goodByServer: Record<string, number> = {};
  private onEmpty: (() => void) | null = null;

  constructor(argument: LoadArgument) {
    this.argument = argument;
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  summary(): LoadSummary {
    const { counts, failures, goodByServer } = this;
    return { ...counts, open: this.sockets.size, failures, goodByServer };
  }

  async stop(): Promise<LoadSummary> {
    clearInterval(this.timer);
    if (this.sockets.size > 0) await new Promise<void>((resolve) => (this.onEmpty = resolve));
    return this.summary();
  }

  private tick(): void {
    const due = Math.floor(((Date.now() - this.startedAt) / 1000) * this.argument.rate);
    while (this.counts.started < due) this.openOne();
  }

  private openOne(): void {
    const { host, ports, holdMs = [50, 400], patienceMs = 10_000 } = this.argument;
    const port = ports[this.counts.started % ports.length] ?? 0;
    this.counts.started += 1;
    const startedAt = Date.now();
    const until = startedAt + holdMs[0] + Math.random() * (holdMs[1] - holdMs[0]);
    const socket = connect({ host, port, noDelay: true });
    this.sockets.add(socket);
    let server: string | null = null;
    let error: string | null = null;
    let finishing = false;
    socket.setTimeout(patienceMs, () => {
      error ??= 'TIMEOUT';
      socket.destroy();
    });
    const next = (): void => {
      if (socket.destroyed || socket.writableEnded) return;
      finishing = Date.now() >= until;
      if (finishing) socket.end();
      else socket.write('are you there\n');
    };
    socket.once('connect', () => socket.write('echo\n'));
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      if (!heard.endsWith('\n')) return;
      if (server === null) server = /^I am (\w+):/.exec(heard)?.[1] ?? '?';
      else this.counts.exchanges += 1;
      heard = '';
      setTimeout(next, Math.max(1, Math.min(EXCHANGE_EVERY_MS, until - Date.now())));
    });
    socket.on('error', (failure: NodeJS.ErrnoException) => (error ??= failure.code ?? failure.message));
    socket.once('close', () => {
      this.sockets.delete(socket);
      if (error === null && !finishing) error = 'ENDED-EARLY';
      this.finished(port, server, error, startedAt);
    });
  }

  private finished(port: number, server: string | null, error: string | null, startedAt: number): void {
    if (error === null) {
      this.counts.good += 1;
      if (server !== null) this.goodByServer[server] = (this.goodByServer[server] ?? 0) + 1;
    } else {
      this.counts.failed += 1;
      const at = Date.now();
      if (this.failures.length < REMEMBERED)
        this.failures.push({ at, port, server, error, ageMs: at - startedAt });
    }
    if (this.sockets.size === 0) this.onEmpty?.();
  }
}

const all = new Map<number, Load>();
let last = 0;

/** Starts traffic and returns its id. */
export function startLoad(argument: LoadArgument): number {
  last += 1;
  all.set(last, new Load(argument));
  return last;
}

function loadOf(id: number): Load {
  const load = all.get(id);
  if (!load) throw new Error(`no load ${id}`);
  return load;
}

export function loadSummary(argument: { id: number }): LoadSummary {
  return loadOf(argument.id).summary();
}

/** Opens no more connections, waits for those that are open to end by themselves, and says how it went. */
export function stopLoad(argument: { id: number }): Promise<LoadSummary> {
  return loadOf(argument.id).stop();
}

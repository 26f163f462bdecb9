/** For tests: kernel planes in another network namespace, as if they were here. */
import { once } from 'node:events';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type {
  Change,
  Connection,
  ConnectionFilter,
  DataPlane,
  PlaneCounters,
  SourceUse,
} from '../../dataplane.ts';
import { moveApart, plugIn } from './apart.ts';
import type { Answered, Asked, Given, Method } from './remote-worker.ts';

/** The answer to a question that this thread stands still for. */
const PATIENCE_MS = 10_000;

export class RemotePlanes {
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly answered: Int32Array;
  private readonly waiting = new Map<number, (answer: Answered) => void>();
  private last = 0;
  private planes = 0;

  /** Moves this thread, and all that it opens from now on, to a namespace of its own. */
  static async start(): Promise<RemotePlanes> {
    moveApart();
    const { port1, port2 } = new MessageChannel();
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const workerData: Given = { port: port2, answered };
    const worker = new Worker(new URL('remote-worker.ts', import.meta.url), {
      workerData,
      transferList: [port2],
      // Descriptors are libc's here, and libbpf closes some of them.
      trackUnmanagedFds: false,
    });
    const failed = once(worker, 'error').then(([error]) => Promise.reject(error as Error));
    await Promise.race([once(port1, 'message'), failed]);
    plugIn();
    return new RemotePlanes(worker, port1, answered);
  }

  private constructor(worker: Worker, port: MessagePort, answered: Int32Array) {
    this.worker = worker;
    this.port = port;
    this.answered = answered;
    port.on('message', (answer: Answered) => this.hear(answer));
  }

  async create(): Promise<DataPlane> {
    const plane = ++this.planes;
    await this.ask(plane, 'create');
    return new RemotePlane(
      (what, ...args) => this.ask(plane, what, ...args),
      (what) => this.askNow(plane, what),
    );
  }

  async stop(): Promise<void> {
    this.port.close();
    await this.worker.terminate();
  }

  private async ask(plane: number, what: Asked['what'], ...args: unknown[]): Promise<unknown> {
    const id = this.send(plane, what, args);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        if (error) reject(Object.assign(new Error(error.message), error));
        else resolve(result);
      });
    });
  }

  /** Stands still until the answer is there; answers to other questions are passed on meanwhile. */
  private askNow(plane: number, what: Asked['what']): unknown {
    const id = this.send(plane, what, []);
    let found: Answered | null = null;
    this.waiting.set(id, (answer) => {
      found = answer;
    });
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const before = Atomics.load(this.answered, 0);
      for (let next = receiveMessageOnPort(this.port); next; next = receiveMessageOnPort(this.port)) {
        this.hear(next.message as Answered);
      }
      const answer = found as Answered | null;
      if (answer?.error) throw Object.assign(new Error(answer.error.message), answer.error);
      if (answer) return answer.result;
      if (performance.now() > deadline) throw new Error(`no answer to ${what}`);
      Atomics.wait(this.answered, 0, before, 100);
    }
  }

  private send(plane: number, what: Asked['what'], args: readonly unknown[]): number {
    const id = ++this.last;
    this.port.postMessage({ id, plane, what, args } satisfies Asked);
    return id;
  }

  private hear(answer: Answered): void {
    const settle = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    settle?.(answer);
  }
}

type Ask = (what: Method, ...args: unknown[]) => Promise<unknown>;
type AskNow = (what: Method) => unknown;

class RemotePlane implements DataPlane {
  readonly name = 'kernel';
  private readonly ask: Ask;
  private readonly askNow: AskNow;

  constructor(ask: Ask, askNow: AskNow) {
    this.ask = ask;
    this.askNow = askNow;
  }

  async apply(changes: readonly Change[]): Promise<void> {
    await this.ask('apply', changes);
  }

  counters(): PlaneCounters {
    return this.askNow('counters') as PlaneCounters;
  }

  async connections(filter?: ConnectionFilter): Promise<Connection[]> {
    return (await this.ask('connections', filter)) as Connection[];
  }

  async sourceUse(): Promise<SourceUse[]> {
    return (await this.ask('sourceUse')) as SourceUse[];
  }

  systemPorts(): { readonly first: number; readonly last: number } {
    return this.askNow('systemPorts') as { first: number; last: number };
  }

  async reset(selector: ConnectionFilter): Promise<number> {
    return (await this.ask('reset', selector)) as number;
  }

  async close(timeoutMs: number): Promise<void> {
    await this.ask('close', timeoutMs);
  }
}

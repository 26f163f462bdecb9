import { Worker } from 'node:worker_threads';
import { PoolgateError } from '../../lib/errors.ts';
import type { Command, CommandBatch, Reply, Result, WorkerData } from './commands.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK, errno, errorText, sys } from './libc.ts';
import type { SharedState } from './common-state.ts';

interface Running {
  readonly thread: Worker;
  readonly wakeFd: number;
  readonly ended: Promise<void>;
}

interface Waiting {
  resolve(result: Result): void;
  reject(error: Error): void;
}

/** The worker threads and the way to tell them things. */
export class Workers {
  readonly count: number;
  private readonly running: Running[];
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private stopped = false;

  /** @param onFatal called once when a worker dies; the plane is not whole any more and the process must end */
  constructor(
    count: number,
    data: Pick<WorkerData, 'capacity' | 'ioUring'>,
    shared: SharedState,
    onFatal: (error: Error) => void,
  ) {
    this.count = count;
    const fatal = (error: Error): void => {
      if (this.stopped) return;
      this.stopped = true;
      for (const { reject } of this.waiting.values()) reject(error);
      onFatal(error);
    };
    this.running = Array.from({ length: count }, (_, index) => this.spawn(index, data, shared, fatal));
  }

  private spawn(
    index: number,
    data: Pick<WorkerData, 'capacity' | 'ioUring'>,
    shared: SharedState,
    fatal: (error: Error) => void,
  ): Running {
    const wakeFd = sys.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wakeFd < 0) throw new PoolgateError('SYSTEM', `eventfd: ${errorText(errno())}`);
    const workerData: WorkerData = { ...data, index, workers: this.count, buffer: shared.buffer, wakeFd };
    const thread = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData,
      name: `poolgate-${index}`,
    });
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    thread.on('message', (reply: Reply) => this.settle(reply));
    thread.on('error', (error) => fatal(error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', (code) => {
      resolve();
      if (code !== 0 || !this.stopped) fatal(new Error(`worker ${index} ended with code ${code}`));
    });
    return { thread, wakeFd, ended };
  }

  /**
   * Sends the same commands to every worker and waits for all answers, in worker order.
   * @throws what the first worker that failed says, when all have answered
   */
  async send(commands: readonly Command[]): Promise<Result[]> {
    const sent = await Promise.allSettled(this.running.map((_, index) => this.sendTo(index, commands)));
    return sent.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
  }

  async sendTo(index: number, commands: readonly Command[]): Promise<Result> {
    const worker = this.running[index];
    if (!worker || this.stopped) throw new PoolgateError('INTERNAL', 'the data plane is stopped');
    const id = this.nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.waiting.set(id, { resolve, reject });
    worker.thread.postMessage({ id, commands } satisfies CommandBatch);
    // The thread sleeps in the kernel and does not see the message before this.
    sys.eventfd_write(worker.wakeFd, 1);
    return promise;
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.result);
    else waiting?.reject(new PoolgateError(reply.code, reply.message));
  }

  /** Ends every connection and thread. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    const told = this.send([{ op: 'stop' }]);
    this.stopped = true;
    await told;
    await Promise.all(this.running.map(({ ended }) => ended));
    for (const { wakeFd } of this.running) sys.close(wakeFd);
  }
}

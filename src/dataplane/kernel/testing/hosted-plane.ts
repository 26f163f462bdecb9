/** For tests: the parent's side of plane-host.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Change, Connection, ConnectionFilter, PlaneCounters, SourceUse } from '../../dataplane.ts';
import type { KernelPlaneOptions } from '../plane.ts';

const HOST = fileURLToPath(new URL('plane-host.ts', import.meta.url));

interface Answer {
  readonly id: number;
  readonly result: never;
  readonly error?: string;
}

export class HostedPlane {
  private readonly child: ChildProcess;
  private last = 0;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  static async start(
    namespace: string,
    options: Omit<KernelPlaneOptions, 'onTrouble'>,
  ): Promise<HostedPlane> {
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', HOST];
    const child = spawn('ip', ['netns', 'exec', namespace, ...node], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    child.setMaxListeners(0);
    await once(child, 'message');
    const plane = new HostedPlane(child);
    await plane.ask('start', options);
    return plane;
  }

  apply = (changes: readonly Change[]): Promise<void> => this.ask('apply', changes);
  counters = (): Promise<PlaneCounters> => this.ask('counters');
  connections = (filter?: ConnectionFilter): Promise<Connection[]> => this.ask('connections', filter);
  sourceUse = (): Promise<SourceUse[]> => this.ask('sourceUse');
  reset = (filter: ConnectionFilter): Promise<number> => this.ask('reset', filter);
  close = (timeoutMs: number): Promise<void> => this.ask('close', timeoutMs);
  adopted = (): Promise<boolean> => this.ask('adopted');

  /** The process itself; the kernel goes on. */
  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    // It stands behind `ip netns exec`, which became it.
    this.child.kill(signal);
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }

  private async ask(what: string, argument?: unknown): Promise<never> {
    const id = ++this.last;
    const answer = new Promise<Answer>((resolve, reject) => {
      const hear = (message: Answer): void => {
        if (message.id !== id) return;
        this.child.off('message', hear);
        resolve(message);
      };
      this.child.on('message', hear);
      this.child.once('exit', () => reject(new Error('the process of the plane has ended')));
    });
    this.child.send({ id, what, argument });
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(error);
    return result;
  }
}

/** The outside of an agent: starts it in a namespace and calls its operations. */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stopChild } from '../net/exec.ts';
import type { Host } from '../net/host.ts';
import type { Operations, Reply } from './serve.ts';

const BUNDLED = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));

/** A Node.js that runs TypeScript directly: the package's own if `npm ci` brought one, else the one we run in. */
export const NODE = existsSync(BUNDLED) ? BUNDLED : process.execPath;

export class Agent<Ops extends Operations> {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, PromiseWithResolvers<unknown>>();
  private last = 0;

  private constructor(child: ChildProcess) {
    this.child = child;
    child.on('message', (reply: Reply) => this.settle(reply));
    child.once('exit', (code, signal) => {
      for (const call of this.waiting.values()) call.reject(new Error(`the agent ended (${code ?? signal})`));
      this.waiting.clear();
    });
  }

  /** Starts `program` (a module that calls `serve`) on a machine; resolves when it answers. */
  static async start<Ops extends Operations>(host: Host, program: URL): Promise<Agent<Ops>> {
    const args = ['--disable-warning=ExperimentalWarning', fileURLToPath(program)];
    const agent = new Agent<Ops>(host.start(NODE, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    const hello = Promise.withResolvers<unknown>();
    agent.waiting.set(0, hello);
    await hello.promise;
    return agent;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  call<K extends keyof Ops & string>(
    operation: K,
    argument: Parameters<Ops[K]>[0],
  ): Promise<Awaited<ReturnType<Ops[K]>>> {
    this.last += 1;
    const call = Promise.withResolvers<unknown>();
    this.waiting.set(this.last, call);
    this.child.send({ id: this.last, operation, argument }, (error) => error && call.reject(error));
    return call.promise as Promise<Awaited<ReturnType<Ops[K]>>>;
  }

  async close(): Promise<void> {
    await stopChild(this.child);
  }

  private settle(reply: Reply): void {
    const call = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.error === undefined) call?.resolve(reply.result);
    else call?.reject(new Error(reply.error));
  }
}

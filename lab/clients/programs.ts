/**
 * The load generator and the stand-in servers of the benchmarks (bench/README.md): for connections in numbers that
 * Node.js would take minutes for. They need a C compiler.
 */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { must, stopChild } from '../net/exec.ts';
import type { Host } from '../net/host.ts';
import { waitFor } from '../net/wait.ts';

const BENCH = fileURLToPath(new URL('../../bench/', import.meta.url));

/** Compiles them where they are older than their sources. */
export async function buildPrograms(): Promise<void> {
  await must('sh', [`${BENCH}load/build.sh`], { timeoutMs: 120_000 });
}

/** One of the programs at work; its last line is what it found. */
export class Running {
  readonly child: ChildProcess;
  private output = '';
  private closed = false;

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (chunk: Buffer) => void (this.output += chunk.toString()));
    // Behind its exit: what it printed last has come by then.
    child.once('close', () => {
      this.closed = true;
    });
  }

  /** @param cpu the only one that it runs on; default any */
  static start(host: Host, program: 'load' | 'server', args: readonly string[], cpu?: number): Running {
    const command = [`${BENCH}build/${program}`, ...args];
    const [first = '', ...others] = cpu === undefined ? command : ['taskset', '-c', String(cpu), ...command];
    return new Running(host.start(first, others, { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  /** Waits for a line with this key; returns the line. */
  line<T>(key: string, timeoutMs: number): Promise<T> {
    return waitFor(
      `a program of the benchmarks to say "${key}"`,
      () => {
        const found = this.output.split('\n').find((line) => line.startsWith(`{"${key}":`));
        if (found !== undefined) return JSON.parse(found) as T & object;
        if (this.child.exitCode !== null) throw new Error(`it ended: ${this.output}`);
        return null;
      },
      { timeoutMs },
    ) as Promise<T>;
  }

  /** Closes its standard input, at which it comes to its end; returns what it prints then. */
  async finish<T>(timeoutMs: number): Promise<T> {
    this.child.stdin?.end();
    await this.ended(timeoutMs);
    return JSON.parse(this.output.trim().split('\n').at(-1) ?? '') as T;
  }

  async ended(timeoutMs: number): Promise<void> {
    await waitFor('a program of the benchmarks to end', () => this.closed, { timeoutMs });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    await stopChild(this.child);
  }
}

/** Servers that echo, so many processes as it takes; they share the port. */
export async function startServers(
  host: Host,
  mode: 'echo' | 'once',
  port: number,
  processes = 1,
): Promise<Running[]> {
  const args = [mode, '--listen', `${host.ipv4}:${port}`];
  const all = Array.from({ length: processes }, () => Running.start(host, 'server', args));
  await Promise.all(all.map((one) => one.line('ready', 10_000)));
  return all;
}

/** Opens connections and holds them; resolves when all are open and were used once. */
export async function hold(
  host: Host,
  to: string,
  connections: number,
  source: string,
  cpu?: number,
): Promise<Running> {
  const args = ['hold', '--to', to, '--connections', String(connections), '--source', source];
  const running = Running.start(host, 'load', args, cpu);
  await running.line<{ held: number }>('held', 120_000).then(({ held }) => {
    if (held !== connections) throw new Error(`${held} of ${connections} connections were opened`);
  });
  return running;
}

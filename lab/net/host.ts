/** One machine of the lab: a network namespace with an interface eth0, and the programs that run in it. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { type Finished, must, type RunOptions, run, stopChild } from './exec.ts';

export interface StartOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stdio?: StdioOptions;
}

/** `ip netns exec` mounts /sys anew for each program, and the file system for BPF that stood in it is gone then. */
const WITH_BPF = 'mount --bind "$0" /sys/fs/bpf && exec "$@"';

export class Host {
  readonly role: string;
  readonly namespace: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** A mounted file system for BPF that is to be this machine's /sys/fs/bpf; null: it has none. */
  bpf: string | null = null;
  private readonly children = new Set<ChildProcess>();

  constructor(role: string, namespace: string, ipv4: string, ipv6: string) {
    this.role = role;
    this.namespace = namespace;
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /** Runs a program on this machine to its end. */
  run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run('ip', this.inside(command, args), options);
  }

  /** Runs a program that has to succeed; returns its standard output. */
  must(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return must('ip', this.inside(command, args), options);
  }

  /** Starts a program that stays; what stands before it replaces itself, so the child's pid is the program's own. */
  start(command: string, args: readonly string[], options: StartOptions = {}): ChildProcess {
    const child = spawn('ip', this.inside(command, args), {
      stdio: options.stdio ?? 'pipe',
      env: { ...process.env, ...options.env },
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    return child;
  }

  /** Ends everything that was started here. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.children].map((child) => stopChild(child)));
  }

  private inside(command: string, args: readonly string[]): string[] {
    const mounted = this.bpf === null ? [] : ['sh', '-c', WITH_BPF, this.bpf];
    return ['netns', 'exec', this.namespace, ...mounted, command, ...args];
  }
}

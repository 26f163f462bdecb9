import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

// What this program started and has not ended yet: whatever ends it, nothing stays behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(1));
}

// Debian keeps servers in /usr/sbin, which is not on everybody's path.
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

export interface Started {
  readonly child: ChildProcess;
  /** What it has written so far, standard output and error together; the last 20,000 characters. */
  output(): string;
  /** Settles when the process is gone, with its exit code (null after a signal). */
  readonly ended: Promise<number | null>;
}

/** Starts a program with a pipe to each of its streams. Throws (through `ended`) when it cannot be started. */
export function start(command: string, args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PATH, ...env },
  });
  let text = '';
  const keep = (chunk: Buffer) => (text = (text + chunk.toString()).slice(-20_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => {}); // it may end before it has read everything: `ended` tells
  running.add(child);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`cannot start ${command}: ${error.message}`)));
    child.once('close', resolve);
  }).finally(() => running.delete(child));
  ended.catch(() => {}); // whoever waits for it sees it too
  return { child, output: () => text, ended };
}

/** Starts a program in another place (`ip netns exec` becomes the program, so that its pid is the program's). */
export function startIn(
  place: readonly string[],
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Started {
  const [first = command, ...words] = [...place, command];
  return start(first, [...words, ...args], env);
}

/** Ends a process by a signal and, after `patienceMs`, by force; settles when it is gone. */
export async function stop(started: Started, signal: NodeJS.Signals = 'SIGTERM', patienceMs = 10_000) {
  const force = setTimeout(() => started.child.kill('SIGKILL'), patienceMs);
  started.child.kill(signal);
  await started.ended.catch(() => null);
  clearTimeout(force);
}

/** Runs a program to its end; returns its output, throws with it unless the exit code is 0. */
export async function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const started = start(command, args);
  started.child.stdin?.end(input);
  const code = await started.ended;
  if (code === 0) return started.output();
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${started.output()}`);
}

/** First line that a program prints, or undefined when it is not there or fails. */
export async function firstLine(command: string, args: readonly string[]): Promise<string | undefined> {
  return run(command, args).then(
    (text) => text.split('\n')[0],
    () => undefined,
  );
}

/** A process and everything it started, as far as it still lives. */
export function processTree(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const children = threads.flatMap((t) =>
      readFileSync(`/proc/${pid}/task/${t}/children`, 'utf8').split(' '),
    );
    return [pid, ...children.filter(Boolean).flatMap((c) => processTree(Number(c)))];
  } catch {
    return []; // it has just ended
  }
}

/** Processor time of all threads of these processes, in seconds (scheduler's own account, in nanoseconds). */
export function cpuSeconds(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    }
  }
  return nanoseconds / 1e9;
}

/** Hard limit of open descriptors of this process, which its children inherit. */
export function descriptorLimit(): number {
  const found = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return found ? Number(found[1]) : Number.POSITIVE_INFINITY; // "unlimited"
}

/** Resident memory of these processes in bytes; pages that several share count once (PSS). */
export function residentBytes(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    const found = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    if (!found) throw new Error(`/proc/${pid}/smaps_rollup has no Pss line`);
    kilobytes += Number(found[1]);
  }
  return kilobytes * 1024;
}

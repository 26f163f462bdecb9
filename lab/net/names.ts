/**
 * Names of the namespaces. Each carries the pid of the run that made it and that process's start time, so that what a
 * dead run left behind can be told from what a live one is using, even when the pid was given out again.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './exec.ts';

const PREFIX = 'pglab';
/** In the directory of a network: where its file system for BPF is mounted. */
export const BPF_FOLDER = 'bpf';
const NAME = new RegExp(`^${PREFIX}-(\\d+)-(\\d+)-`);

let made = 0;

/** A number for the next network of this process. */
export function nextNetwork(): number {
  made += 1;
  return made;
}

export function namespaceName(network: number, role: string): string {
  return `${PREFIX}-${process.pid}-${startTime(process.pid)}-${network}-${role}`;
}

/** Clock ticks since boot at which a process started; null if there is no such process. proc(5), stat field 22. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** Whether a name is one of a lab run that no longer lives. */
function isLeftover(name: string): boolean {
  const parts = NAME.exec(name);
  return parts !== null && startTime(Number(parts[1])) !== parts[2];
}

/** A directory for a network's files. */
export function makeDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), `${PREFIX}-${process.pid}-${startTime(process.pid)}-`));
}

/** Ends what still runs in the namespaces (by pid) and removes them; their interfaces go with them. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const pids = await run('ip', ['netns', 'pids', name]);
    for (const pid of pids.stdout.split('\n').filter((line) => line !== '')) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It ended meanwhile.
      }
    }
    await run('ip', ['netns', 'del', name]);
  }
}

/** Removes what dead runs left, namespaces and files; returns the names of the namespaces. */
export async function sweep(): Promise<string[]> {
  const list = await run('ip', ['netns', 'list']);
  const dead = list.stdout
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter(isLeftover);
  await removeNamespaces(dead);
  const folders = (await readdir(tmpdir())).filter(isLeftover);
  for (const folder of folders.map((name) => join(tmpdir(), name))) {
    await run('umount', [join(folder, BPF_FOLDER)]);
    await rm(folder, { recursive: true, force: true });
  }
  return dead;
}

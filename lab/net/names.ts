/**
 * Names of the namespaces. Each carries the pid of the run that made it and that process's start time, so that what a
 * dead run left behind can be told from what a live one is using, even when the pid was given out again.
 */
import { readFileSync } from 'node:fs';
import { run } from './exec.ts';

const PREFIX = 'pglab';
const NAME = new RegExp(`^${PREFIX}-(\\d+)-(\\d+)-\\d+-[a-z0-9]+$`);

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

/** Namespaces of lab runs that no longer live. */
export async function leftovers(): Promise<string[]> {
  const list = await run('ip', ['netns', 'list']);
  const names = list.stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  return names.filter((name) => {
    const parts = NAME.exec(name);
    return parts !== null && startTime(Number(parts[1])) !== parts[2];
  });
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

/** Removes what dead runs left; returns the names removed. */
export async function sweep(): Promise<string[]> {
  const dead = await leftovers();
  await removeNamespaces(dead);
  return dead;
}

/**
 * What this process changed on the machine, in a file of the state directory, so that a start after a crash knows it. It is
 * written before anything is changed. One section per process: a second Poolgate with the same state directory leaves those
 * of the first alone.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { writeAtomically } from '../lib/atomic-file.ts';

const IDENTITY = {
  pid: z.int().positive(),
  /** Tells the process from a later one with the same pid. */
  started: z.string(),
  /** What was changed is gone after a boot, and an index of an interface means something else. */
  boot: z.string(),
  namespace: z.string(),
};

/** This process in this network; a test puts its own. */
export interface Self {
  readonly pid: number;
  readonly boot: string;
  readonly namespace: string;
  /** When a process started; null when there is none. */
  startOf(pid: number): string | null;
}

export interface ProcessFile<T> {
  /** Those of processes that are no more, in this network, since the last boot. */
  load(): Promise<readonly T[]>;
  /** Atomic. @param content null: there is nothing to know. @throws Error of the file system */
  save(content: T | null): Promise<void>;
}

export interface ProcessFileOptions<S extends z.ZodRawShape> {
  readonly path: string;
  /** What a section holds beside the process that it is of. */
  readonly shape: S;
  /** Told in one sentence when the file cannot be used; nothing is then known of an earlier run. */
  readonly warn: (text: string) => void;
  /** What that means, as a sentence. */
  readonly consequence: string;
  readonly self?: Self;
}

export function processFile<S extends z.ZodRawShape>(
  options: ProcessFileOptions<S>,
): ProcessFile<z.infer<z.ZodObject<S>>> {
  type Content = z.infer<z.ZodObject<S>>;
  type Section = z.infer<z.ZodObject<typeof IDENTITY>> & Content;
  const { path, shape, warn, consequence, self = thisProcess() } = options;
  const section = z.strictObject({ ...IDENTITY, ...shape });
  const file = z.strictObject({ version: z.literal(1), processes: z.array(section) });
  const lives = (s: Section): boolean => s.pid !== self.pid && self.startOf(s.pid) === s.started;

  async function read(): Promise<readonly Section[]> {
    try {
      return file.parse(JSON.parse(await readFile(path, 'utf8'))).processes as unknown as Section[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      const damaged = error instanceof SyntaxError || error instanceof z.ZodError;
      warn(`Cannot use ${path}: ${damaged ? 'it is damaged' : String(error)}. ${consequence}`);
      return [];
    }
  }

  async function load(): Promise<readonly Content[]> {
    return (await read()).filter((s) => s.boot === self.boot && s.namespace === self.namespace && !lives(s));
  }

  async function save(content: Content | null): Promise<void> {
    const others = (await read()).filter((s) => s.boot === self.boot && lives(s));
    const { pid, boot, namespace } = self;
    const identity = { pid, started: self.startOf(pid) ?? '', boot, namespace };
    const processes = content === null ? others : [...others, { ...identity, ...content }];
    await writeAtomically(path, `${JSON.stringify({ version: 1, processes }, null, 2)}\n`);
  }

  return { load, save };
}

function thisProcess(): Self {
  return {
    pid: process.pid,
    boot: bootId(),
    namespace: networkNamespace(),
    startOf,
  };
}

/** Another one after every boot (random(4)). */
export function bootId(): string {
  return orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
}

/** e.g. `net:[4026531840]` (namespaces(7)). */
export function networkNamespace(): string {
  return orNothing(() => readlinkSync('/proc/self/ns/net'));
}

/** Clock ticks since boot (proc(5), /proc/PID/stat field 22); the second field may hold spaces and ends with `)`. */
function startOf(pid: number): string | null {
  const stat = orNothing(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function orNothing(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}

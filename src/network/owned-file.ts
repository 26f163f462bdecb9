/**
 * Which addresses we added, in `<state>/addresses.json`, so that a start after a crash knows them. It is written before
 * an address is added. One section per process: a second Poolgate with the same state directory leaves those of the
 * first alone.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { Owned } from './reconcile.ts';

const section = z.strictObject({
  pid: z.int().positive(),
  /** Tells the process from a later one with the same pid. */
  started: z.string(),
  /** Addresses are gone after a boot, and an index of an interface means something else. */
  boot: z.string(),
  namespace: z.string(),
  addresses: z.array(z.strictObject({ address: z.string(), interfaceIndex: z.int() })),
});
const ownedFile = z.strictObject({ version: z.literal(1), processes: z.array(section) });

type Section = z.infer<typeof section>;

export interface OwnedStore {
  /** Those of processes that are no more, in this network, since the last boot. */
  load(): Promise<readonly Owned[]>;
  /** Atomic. @throws Error of the file system */
  save(ours: readonly Owned[]): Promise<void>;
}

/** This process in this network; a test puts its own. */
export interface Self {
  readonly pid: number;
  readonly boot: string;
  readonly namespace: string;
  /** When a process started; null when there is none. */
  startOf(pid: number): string | null;
}

/** @param warn told in one sentence when the file cannot be used; nothing is then known of an earlier run */
export function ownedStore(
  stateDir: string,
  warn: (text: string) => void,
  self: Self = thisProcess(),
): OwnedStore {
  const path = join(stateDir, 'addresses.json');
  const lives = (s: Section): boolean => s.pid !== self.pid && self.startOf(s.pid) === s.started;

  async function load(): Promise<readonly Owned[]> {
    const sections = await read(path, warn);
    return sections
      .filter((s) => s.boot === self.boot && s.namespace === self.namespace && !lives(s))
      .flatMap((s) => s.addresses);
  }

  async function save(ours: readonly Owned[]): Promise<void> {
    const others = (await read(path, warn)).filter((s) => s.boot === self.boot && lives(s));
    const { pid, boot, namespace } = self;
    const addresses = ours.map(({ address, interfaceIndex }) => ({ address, interfaceIndex }));
    const own = { pid, started: self.startOf(pid) ?? '', boot, namespace, addresses };
    const processes = addresses.length > 0 ? [...others, own] : others;
    await writeAtomically(path, `${JSON.stringify({ version: 1, processes }, null, 2)}\n`);
  }

  return { load, save };
}

async function read(path: string, warn: (text: string) => void): Promise<Section[]> {
  try {
    return ownedFile.parse(JSON.parse(await readFile(path, 'utf8'))).processes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    const what =
      error instanceof SyntaxError || error instanceof z.ZodError ? 'it is damaged' : String(error);
    warn(`Cannot use ${path}: ${what}. Addresses that an earlier run left behind are not removed.`);
    return [];
  }
}

async function writeAtomically(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function thisProcess(): Self {
  return {
    pid: process.pid,
    boot: orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: orNothing(() => readlinkSync('/proc/self/ns/net')),
    startOf,
  };
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

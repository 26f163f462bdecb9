/**
 * Where live changes wait for the next start: `<state>/live.json`, one section per config file so that two configs
 * tried on one machine do not take over each other's. Only its owner can read it.
 */
import { readFile, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { writeAtomically } from '../lib/atomic-file.ts';
import type { Overrides } from './overrides.ts';

const adminState = z.enum(['ready', 'drain', 'maint']);
const weight = z.int().min(0).max(65_535);
const section = z.record(
  z.string(),
  z.strictObject({
    admin: z.strictObject({ live: adminState, file: adminState }).exactOptional(),
    weight: z.strictObject({ live: weight, file: weight }).exactOptional(),
  }),
);
const liveFile = z.strictObject({ version: z.literal(1), configs: z.record(z.string(), section) });

type LiveFile = z.infer<typeof liveFile>;

const NOTHING: LiveFile = { version: 1, configs: {} };

export interface LiveStore {
  load(): Promise<Overrides>;
  /** Writes when there is a difference. Atomic: after a crash the file holds the old or the new, never a part. @throws Error of the file system */
  save(overrides: Overrides): Promise<void>;
}

/**
 * @param warn told in one sentence when the file cannot be used; it is then kept as `live.json.unusable` and the
 *   servers start as the config says
 */
export function liveStore(stateDir: string, configFile: string, warn: (text: string) => void): LiveStore {
  const path = join(stateDir, 'live.json');
  const config = resolve(configFile);
  let saved: string | null = null;

  async function load(): Promise<Overrides> {
    const all = await readAll(path, warn);
    const own = all.configs[config] ?? {};
    saved = JSON.stringify(own);
    return new Map(Object.entries(own));
  }

  async function save(overrides: Overrides): Promise<void> {
    const own = Object.fromEntries(overrides);
    if (JSON.stringify(own) === saved) return;
    // Read anew: another daemon may have written its own section since.
    const { [config]: _, ...others } = (await readAll(path, warn)).configs;
    const configs = overrides.size > 0 ? { ...others, [config]: own } : others;
    await writeAtomically(path, textOf({ version: 1, configs }));
    saved = JSON.stringify(own);
  }

  return { load, save };
}

function textOf(all: LiveFile): string {
  return `${JSON.stringify(all, null, 2)}\n`;
}

async function readAll(path: string, warn: (text: string) => void): Promise<LiveFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') warn(`Cannot read ${path}: ${wordsOf(error)}`);
    return NOTHING;
  }
  try {
    return liveFile.parse(JSON.parse(text));
  } catch {
    const aside = `${path}.unusable`;
    const kept = await rename(path, aside).then(
      () => `kept as ${aside}`,
      (error: unknown) => `and cannot be moved aside: ${wordsOf(error)}`,
    );
    warn(`${path} is damaged and ignored, ${kept}. Servers start as the config says.`);
    return NOTHING;
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

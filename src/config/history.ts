/**
 * The configs that were applied: `<state>/history/<config>/000042.json`, a file each, so that writing one can not harm
 * another and there is no index that could disagree with them. A folder for each config file, because two configs
 * tried on one machine have histories of their own. Only their owner can read them: a config may hold secrets.
 */
import { readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { writeAtomically } from '../lib/atomic-file.ts';
import { PoolgateError } from '../lib/errors.ts';
import { hashText } from './hash.ts';

/** So many are kept; the oldest goes first. */
export const KEPT_CONFIGS = 100;

/** A config of the largest size allowed, with every character escaped, is smaller. Bytes. */
const LARGEST_FILE = 2 * 1024 * 1024;

const record = z.strictObject({
  version: z.literal(1),
  number: z.int().positive(),
  at: z.string(),
  actor: z.string(),
  changes: z.string(),
  hash: z.string(),
  file: z.string(),
  text: z.string(),
});

export interface AppliedConfig {
  /** Rises by one, and is never used again. */
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  /** `start`, `api`, `signal`. */
  readonly actor: string;
  /** What was other than before, in a few words. */
  readonly changes: string;
  /** SHA-256 of the text. */
  readonly hash: string;
}

export interface HistoryStore {
  /** Reads what earlier runs kept; call it once, first. */
  load(): Promise<void>;
  /** Oldest first. */
  list(): readonly AppliedConfig[];
  /** The config's text. @throws PoolgateError UNKNOWN_CONFIG, SYSTEM */
  read(number: number): Promise<string>;
  /**
   * Adds it and writes whatever is not on disk yet.
   * @throws Error of the file system; it is kept in memory then, and written with the next one
   */
  add(config: Omit<AppliedConfig, 'number'>, text: string): Promise<void>;
}

/** @param warn told in one sentence of what cannot be used; it is kept aside as `….unusable` */
export function historyStore(
  stateDir: string,
  configFile: string,
  warn: (text: string) => void,
): HistoryStore {
  const file = resolve(configFile);
  const folder = join(stateDir, 'history', hashText(file).slice(0, 16));
  let entries: AppliedConfig[] = [];
  let last = 0;
  /** Texts of those that could not be written. */
  const unsaved = new Map<number, string>();
  const pathOf = (number: number): string => join(folder, `${String(number).padStart(6, '0')}.json`);

  async function load(): Promise<void> {
    const names = await namesIn(folder, warn);
    last = Math.max(0, ...names.map(numberOf));
    const found: AppliedConfig[] = [];
    for (const name of names.toSorted((a, b) => numberOf(a) - numberOf(b)).slice(-KEPT_CONFIGS)) {
      const { text: _, ...entry } = (await readRecord(join(folder, name), warn)) ?? { text: '' };
      if ('number' in entry) found.push(entry);
    }
    entries = found;
  }

  async function read(number: number): Promise<string> {
    if (!entries.some((entry) => entry.number === number)) throw unknown(number, entries);
    const waiting = unsaved.get(number);
    if (waiting !== undefined) return waiting;
    const kept = await readRecord(pathOf(number), warn);
    if (kept) return kept.text;
    throw new PoolgateError('SYSTEM', `Config ${number} cannot be read from ${pathOf(number)}.`);
  }

  async function add(config: Omit<AppliedConfig, 'number'>, text: string): Promise<void> {
    const entry = { number: ++last, ...config };
    entries.push(entry);
    unsaved.set(entry.number, text);
    for (const gone of entries.splice(0, Math.max(0, entries.length - KEPT_CONFIGS))) {
      unsaved.delete(gone.number);
    }
    for (const waiting of entries.filter(({ number }) => unsaved.has(number))) {
      const whole = { version: 1, ...waiting, file, text: unsaved.get(waiting.number) };
      await writeAtomically(pathOf(waiting.number), `${JSON.stringify(whole)}\n`);
      unsaved.delete(waiting.number);
    }
    await prune(folder, entries[0]?.number ?? 0);
  }

  return { load, list: () => entries, read, add };
}

function unknown(number: number, entries: readonly AppliedConfig[]): PoolgateError {
  const [first, last] = [entries[0]?.number, entries.at(-1)?.number];
  const kept = first === undefined ? 'The history is empty.' : `The history has ${first} to ${last}.`;
  return new PoolgateError('UNKNOWN_CONFIG', `There is no config ${number}. ${kept}`);
}

/** Those of whole records; drafts of a run that was cut off are removed. */
async function namesIn(folder: string, warn: (text: string) => void): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') warn(`Cannot read ${folder}: ${wordsOf(error)}.`);
    return [];
  }
  for (const name of names.filter((n) => n.endsWith('.new')))
    await unlink(join(folder, name)).catch(() => {});
  return names.filter((name) => /^\d{6,12}\.json$/.test(name));
}

function numberOf(name: string): number {
  return Number.parseInt(name, 10);
}

/** Null, and told, when it is damaged. */
async function readRecord(
  path: string,
  warn: (text: string) => void,
): Promise<(AppliedConfig & { readonly text: string }) | null> {
  try {
    if ((await stat(path)).size > LARGEST_FILE) throw new Error('too large');
    const { version: _, file: __, ...kept } = record.parse(JSON.parse(await readFile(path, 'utf8')));
    if (kept.hash !== hashText(kept.text)) throw new Error('the text is not what its hash says');
    return kept;
  } catch (error) {
    // What could not be read may be whole, and what is not is of no use under its name.
    if (!(error instanceof Error && 'code' in error)) await rename(path, `${path}.unusable`).catch(() => {});
    warn(`A config of the history cannot be used (${path}): ${wordsOf(error)}.`);
    return null;
  }
}

/** What is older than the first that is kept, also from runs that ended before they came to it. */
async function prune(folder: string, first: number): Promise<void> {
  const old = (await readdir(folder)).filter((name) => /^\d+\.json/.test(name) && numberOf(name) < first);
  for (const name of old) await unlink(join(folder, name)).catch(() => {});
}

function wordsOf(error: unknown): string {
  return error instanceof z.ZodError ? 'damaged' : error instanceof Error ? error.message : String(error);
}

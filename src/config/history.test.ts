import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HistoryStore, historyStore, KEPT_CONFIGS } from './history.ts';
import { hashText } from './hash.ts';

const FILE = '/etc/poolgate.yaml';
let dir: string;
let warnings: string[];
const warn = (text: string) => void warnings.push(text);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poolgate-history-'));
  warnings = [];
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

async function opened(file = FILE): Promise<HistoryStore> {
  const store = historyStore(dir, file, warn);
  await store.load();
  return store;
}

function add(store: HistoryStore, text: string): Promise<void> {
  const at = '2026-03-01T02:00:00.000Z';
  return store.add({ at, actor: 'api', changes: `to ${text}`, hash: hashText(text) }, text);
}

async function folder(): Promise<string> {
  const [name = ''] = await readdir(join(dir, 'history'));
  return join(dir, 'history', name);
}

test('what was added is there after a restart, for its owner alone, and nothing beside it', async () => {
  const first = await opened();
  await add(first, 'a: 1 # ü\n');
  await add(first, 'b: 2\n');
  const second = await opened();
  expect(second.list()).toEqual(first.list());
  expect(second.list().map(({ number, changes }) => [number, changes])).toEqual([
    [1, 'to a: 1 # ü\n'],
    [2, 'to b: 2\n'],
  ]);
  expect(await second.read(1)).toBe('a: 1 # ü\n');
  const names = await readdir(await folder());
  expect(names.toSorted()).toEqual(['000001.json', '000002.json']);
  for (const name of names) expect((await stat(join(await folder(), name))).mode & 0o777).toBe(0o600);
  expect((await stat(await folder())).mode & 0o777).toBe(0o700);
  await expect(second.read(3)).rejects.toMatchObject({
    code: 'UNKNOWN_CONFIG',
    message: 'There is no config 3. The history has 1 to 2.',
  });
  expect(warnings).toEqual([]);
});

test('a hundred are kept; numbers go on, also after a restart', async () => {
  const store = await opened();
  for (let i = 1; i <= KEPT_CONFIGS + 5; i++) await add(store, `n: ${i}\n`);
  expect(await readdir(await folder())).toHaveLength(KEPT_CONFIGS);
  const again = await opened();
  expect(again.list().map((e) => e.number)).toEqual(Array.from({ length: KEPT_CONFIGS }, (_, i) => i + 6));
  await expect(again.read(5)).rejects.toMatchObject({ code: 'UNKNOWN_CONFIG' });
  await add(again, 'next');
  expect(again.list().at(-1)?.number).toBe(KEPT_CONFIGS + 6);
});

test('another config file has a history of its own', async () => {
  await add(await opened(), 'a');
  const other = await opened('/etc/other.yaml');
  expect(other.list()).toEqual([]);
  await add(other, 'b');
  expect(await (await opened()).read(1)).toBe('a');
});

test('a write that was cut off leaves the others whole and is cleared away', async () => {
  const store = await opened();
  await add(store, 'a');
  await writeFile(join(await folder(), '000002.json.4711.new'), '{"version":1,"num');
  const again = await opened();
  expect(again.list()).toHaveLength(1);
  expect(await readdir(await folder())).toEqual(['000001.json']);
  expect(warnings).toEqual([]);
});

test.each([
  ['torn', (whole: string) => whole.slice(0, 40)],
  ['changed by hand', (whole: string) => whole.replace('"text":"b"', '"text":"c"')],
  ['of another shape', () => '{"version":9}'],
])('one that is %s is put aside and told of; its number is not used again', async (_, damage) => {
  const store = await opened();
  for (const text of ['a', 'b']) await add(store, text);
  const path = join(await folder(), '000002.json');
  await writeFile(path, damage(await readFile(path, 'utf8')));
  const again = await opened();
  expect(again.list().map((e) => e.number)).toEqual([1]);
  expect(warnings).toEqual([expect.stringContaining('000002.json')]);
  await add(again, 'c');
  expect(again.list().map((e) => e.number)).toEqual([1, 3]);
});

test('what cannot be written is kept in memory and written with the next', async () => {
  await mkdir(join(dir, 'state'));
  const store = historyStore(join(dir, 'state'), FILE, warn);
  await store.load();
  // In the way of the folder, also for root.
  await writeFile(join(dir, 'state/history'), '');
  await expect(add(store, 'a')).rejects.toThrow('history');
  expect(await store.read(1)).toBe('a');
  await rm(join(dir, 'state/history'));
  await add(store, 'b');
  const again = historyStore(join(dir, 'state'), FILE, warn);
  await again.load();
  expect(again.list()).toEqual(store.list());
  expect(await again.read(1)).toBe('a');
});

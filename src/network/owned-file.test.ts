import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownedStore, type Self } from './owned-file.ts';

const ours = [{ address: '10.0.0.40', interfaceIndex: 2 }];

let dir: string;
let warnings: string[];
/** Processes that live, and when they started. */
let living: Map<number, string>;
const warn = (text: string) => void warnings.push(text);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poolgate-owned-'));
  warnings = [];
  living = new Map();
});
afterEach(() => rm(dir, { recursive: true }));

function run(pid: number, more: Partial<Self> = {}) {
  living.set(pid, `t${pid}`);
  const startOf = (of: number): string | null => living.get(of) ?? null;
  return ownedStore(dir, warn, { pid, boot: 'b1', namespace: 'net:[1]', startOf, ...more });
}

test('the start after a crash knows them; the file is for its owner alone', async () => {
  await run(10).save(ours);
  living.delete(10);
  expect(await run(11).load()).toEqual(ours);
  expect((await stat(join(dir, 'addresses.json'))).mode & 0o777).toBe(0o600);
});

test('a later process with the same pid is another one', async () => {
  await run(10).save(ours);
  living.set(10, 'later');
  expect(await run(11).load()).toEqual(ours);
});

test('those of a process that lives are its own, and stay in the file', async () => {
  const first = run(10);
  await first.save(ours);
  const second = run(11);
  expect(await second.load()).toEqual([]);
  await second.save([{ address: '10.0.0.50', interfaceIndex: 2 }]);
  living.delete(10);
  living.delete(11);
  expect(await run(12).load()).toEqual([...ours, { address: '10.0.0.50', interfaceIndex: 2 }]);
});

test('after a boot, or in another network, they are not there any more', async () => {
  await run(10).save(ours);
  living.delete(10);
  expect(await run(11, { boot: 'b2' }).load()).toEqual([]);
  expect(await run(11, { namespace: 'net:[2]' }).load()).toEqual([]);
});

test('having none leaves no section; a damaged file is told of and replaced', async () => {
  const store = run(10);
  await store.save(ours);
  await store.save([]);
  expect(JSON.parse(await readFile(join(dir, 'addresses.json'), 'utf8'))).toEqual({
    version: 1,
    processes: [],
  });
  expect(warnings).toEqual([]);
  await writeFile(join(dir, 'addresses.json'), '{"version":1,"processes":[{"pid":-1}]}');
  expect(await store.load()).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('it is damaged')]);
  await store.save(ours);
  living.delete(10);
  expect(await run(11).load()).toEqual(ours);
});

test('this process really has a start, a boot and a network', async () => {
  await ownedStore(dir, warn).save(ours);
  const { processes } = JSON.parse(await readFile(join(dir, 'addresses.json'), 'utf8'));
  expect(processes[0]).toMatchObject({ pid: process.pid, started: expect.stringMatching(/^\d+$/) });
  expect(processes[0].boot).toMatch(/^[\da-f-]{36}$/);
  expect(processes[0].namespace).toMatch(/^net:\[\d+\]$/);
});

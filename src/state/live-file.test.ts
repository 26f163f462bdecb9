import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { liveStore } from './live-file.ts';
import type { Overrides } from './overrides.ts';

const drained: Overrides = new Map([['ocspool/fe01', { admin: { live: 'drain', file: 'ready' } }]]);

let dir: string;
let warnings: string[];
const warn = (text: string) => void warnings.push(text);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poolgate-live-'));
  warnings = [];
});
afterEach(() => rm(dir, { recursive: true }));

test('what was saved is loaded; the file is for its owner alone', async () => {
  const state = join(dir, 'state');
  await liveStore(state, '/etc/poolgate.yaml', warn).save(drained);
  expect(await liveStore(state, '/etc/poolgate.yaml', warn).load()).toEqual(drained);
  expect((await stat(join(state, 'live.json'))).mode & 0o777).toBe(0o600);
  expect(await readdir(state)).toEqual(['live.json']);
  expect(warnings).toEqual([]);
});

test('another config has its own section, which stays', async () => {
  await liveStore(dir, '/etc/a.yaml', warn).save(drained);
  const b = liveStore(dir, '/etc/b.yaml', warn);
  expect((await b.load()).size).toBe(0);
  await b.save(new Map());
  expect(await liveStore(dir, '/etc/a.yaml', warn).load()).toEqual(drained);
});

test.each([
  ['no JSON', '{"version": 1, "conf'],
  [
    'another shape',
    '{"version": 1, "configs": {"/etc/a.yaml": {"p/s": {"weight": {"live": -1, "file": 1}}}}}',
  ],
])('a damaged file (%s) is kept aside, told of, and ignored', async (_, text) => {
  await writeFile(join(dir, 'live.json'), text);
  expect((await liveStore(dir, '/etc/a.yaml', warn).load()).size).toBe(0);
  expect(await readFile(join(dir, 'live.json.unusable'), 'utf8')).toBe(text);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('live.json is damaged');
});

test('no file is nothing to warn about', async () => {
  expect((await liveStore(join(dir, 'none'), '/etc/a.yaml', warn).load()).size).toBe(0);
  expect(warnings).toEqual([]);
});

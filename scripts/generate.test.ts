import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GENERATORS, generateFiles, staleFiles } from './generate.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const FOLDER = 'docs/reference';
const FOLDERS = [FOLDER, 'examples/profiles'];

it('finds the pages of this tree fresh', async () => {
  expect(await staleFiles()).toEqual([]);
});

it('makes every page that is there', () => {
  const there = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
  );
  expect(there.toSorted()).toEqual(GENERATORS.map(({ path }) => path).toSorted());
});

it('makes the same each time', async () => {
  for (const { render } of GENERATORS) expect(await render()).toBe(await render());
});

describe('in a copy', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'poolgate-generate-'));
    for (const folder of FOLDERS) cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('names each page that is changed or missing, and mends it', async () => {
    const [changed, missing] = [join(FOLDER, 'config.md'), join(FOLDER, 'metrics.md')];
    writeFileSync(join(root, changed), readFileSync(join(root, changed), 'utf8').replace('live', 'alive'));
    rmSync(join(root, missing));
    expect(await staleFiles(GENERATORS, root)).toEqual([changed, missing]);
    expect(await generateFiles(GENERATORS, root)).toEqual([changed, missing]);
    expect(await staleFiles(GENERATORS, root)).toEqual([]);
  });

  it('makes the whole folders where there are none', async () => {
    for (const folder of FOLDERS) rmSync(join(root, folder), { recursive: true });
    expect(await generateFiles(GENERATORS, root)).toHaveLength(GENERATORS.length);
    expect(await staleFiles(GENERATORS, root)).toEqual([]);
  });
});

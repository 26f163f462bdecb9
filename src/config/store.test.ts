import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashText, stageConfigFile, writeConfigFile } from './store.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'poolgate-store-'));
  file = join(folder, 'c.yaml');
  writeFileSync(file, 'old');
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = (): string => readFileSync(file, 'utf8');

describe('writing the config', () => {
  it('replaces the text and leaves nothing else behind', async () => {
    await writeConfigFile(file, 'nëw', hashText('old'));
    expect(text()).toBe('nëw');
    expect(readdirSync(folder)).toEqual(['c.yaml']);
  });

  it.each([0o600, 0o640, 0o644])('keeps the mode %o', async (mode) => {
    chmodSync(file, mode);
    await writeConfigFile(file, 'new', hashText('old'));
    expect(statSync(file).mode & 0o777).toBe(mode);
  });

  it.runIf(process.getuid?.() === 0)('keeps the owner', async () => {
    chownSync(file, 65_534, 65_534);
    await writeConfigFile(file, 'new', hashText('old'));
    expect(statSync(file)).toMatchObject({ uid: 65_534, gid: 65_534 });
  });

  it('follows a link, which stays a link', async () => {
    const link = join(folder, 'link.yaml');
    symlinkSync('c.yaml', link);
    await writeConfigFile(link, 'new', hashText('old'));
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(text()).toBe('new');
  });

  it('never shows half of it: who has the old file open reads the old text', async () => {
    const { ino } = statSync(file);
    await writeConfigFile(file, 'new', hashText('old'));
    expect(statSync(file).ino).not.toBe(ino);
  });

  it('refuses when somebody else changed the file', async () => {
    writeFileSync(file, 'other');
    await expect(writeConfigFile(file, 'new', hashText('old'))).rejects.toMatchObject({
      code: 'CONFIG_CHANGED',
    });
    expect(text()).toBe('other');
    expect(readdirSync(folder)).toEqual(['c.yaml']);
  });

  it('accepts that the file already holds the new text', async () => {
    writeFileSync(file, 'new');
    await writeConfigFile(file, 'new', hashText('old'));
    expect(text()).toBe('new');
  });

  it('refuses when the file is gone', async () => {
    unlinkSync(file);
    await expect(writeConfigFile(file, 'new', hashText('old'))).rejects.toMatchObject({
      code: 'CONFIG_CHANGED',
    });
  });

  it('says what the system refuses', async () => {
    await expect(writeConfigFile(folder, 'new', hashText('old'))).rejects.toMatchObject({ code: 'SYSTEM' });
  });
});

describe('a staged config', () => {
  it('takes its place only when it is told to', async () => {
    const staged = await stageConfigFile(file, 'new', hashText('old'));
    expect(text()).toBe('old');
    await staged.commit();
    expect(text()).toBe('new');
    await staged.discard();
    expect(text()).toBe('new');
  });

  it('goes without a trace', async () => {
    const staged = await stageConfigFile(file, 'new', hashText('old'));
    await staged.discard();
    await staged.commit();
    expect(text()).toBe('old');
    expect(readdirSync(folder)).toEqual(['c.yaml']);
  });

  it('does not overwrite what came in between', async () => {
    const staged = await stageConfigFile(file, 'new', hashText('old'));
    writeFileSync(file, 'other');
    await expect(staged.commit()).rejects.toMatchObject({ code: 'CONFIG_CHANGED' });
    expect(text()).toBe('other');
    expect(readdirSync(folder)).toEqual(['c.yaml']);
  });

  it('is readable by nobody else while it waits beside a private file', async () => {
    chmodSync(file, 0o600);
    const staged = await stageConfigFile(file, 'new', hashText('old'));
    const [waiting = ''] = readdirSync(folder).filter((name) => name !== 'c.yaml');
    expect(statSync(join(folder, waiting)).mode & 0o077).toBe(0);
    await staged.discard();
  });
});

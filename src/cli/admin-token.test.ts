import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { adminToken } from './admin-token.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'poolgate-state-'));
});
afterEach(() => rm(parent, { recursive: true }));

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

test('the first start makes directory and token for their owner alone; later ones read it', async () => {
  const directory = join(parent, 'deep/state');
  const first = await adminToken(directory);
  expect(first).toMatchObject({ created: true, file: join(directory, 'admin-token') });
  expect(Buffer.from(first.secret, 'base64url').length).toBe(32);
  expect([await mode(directory), await mode(first.file)]).toEqual([0o700, 0o600]);
  expect(await readFile(first.file, 'utf8')).toBe(`${first.secret}\n`);
  expect(await adminToken(directory)).toEqual({ ...first, created: false });
});

test('a file that others can read is closed again', async () => {
  const { file } = await adminToken(parent);
  await chmod(file, 0o644);
  await adminToken(parent);
  expect(await mode(file)).toBe(0o600);
});

test('two first starts at once agree on one token', async () => {
  const tokens = await Promise.all(Array.from({ length: 4 }, () => adminToken(join(parent, 'new'))));
  expect(new Set(tokens.map(({ secret }) => secret)).size).toBe(1);
  expect(tokens.filter(({ created }) => created).length).toBe(1);
  expect(await readdir(join(parent, 'new'))).toEqual(['admin-token']);
});

test('a file without a token and a directory that cannot be are named', async () => {
  await writeFile(join(parent, 'admin-token'), 'short\n');
  await expect(adminToken(parent)).rejects.toMatchObject({
    code: 'SYSTEM',
    hint: expect.stringContaining('Remove'),
  });
  await expect(adminToken(join(parent, 'admin-token'))).rejects.toThrow(/Cannot use the state directory/);
});

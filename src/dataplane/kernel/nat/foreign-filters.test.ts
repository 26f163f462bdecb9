import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ForeignFilters, foreignFilter } from './foreign-filters.ts';
import type { RunNft } from './nft.ts';

const chain = (over: object) => ({
  chain: {
    family: 'inet',
    table: 'filter',
    name: 'forward',
    type: 'filter',
    hook: 'forward',
    policy: 'accept',
    ...over,
  },
});

/** An nft that knows these chains, and the number of rules of each by its name. */
function nftWith(chains: readonly object[], rules: Readonly<Record<string, number>> = {}): RunNft {
  return async (args) => {
    const entries = args.includes('chains')
      ? chains
      : Array.from({ length: rules[args.at(-1) ?? ''] ?? 0 }, () => ({ rule: { expr: [] } }));
    return { ok: true, stdout: JSON.stringify({ nftables: [{ metainfo: {} }, ...entries] }), stderr: '' };
  };
}

test.each([
  ['no chain at all', [], {}, null],
  ['a chain without rules that accepts', [chain({})], {}, null],
  ['one that drops by its policy', [chain({ policy: 'drop' })], {}, 'the nftables chain inet filter forward'],
  [
    'one with rules',
    [chain({ family: 'ip', name: 'FORWARD' })],
    { FORWARD: 2 },
    'the nftables chain ip filter FORWARD',
  ],
  ['our own', [chain({ table: 'poolgate', policy: 'drop' })], {}, null],
  ['one that judges what this machine gets', [chain({ hook: 'input', policy: 'drop' })], {}, null],
  ['one that only translates', [chain({ type: 'nat', hook: 'prerouting' })], { forward: 3 }, null],
  ['one of a bridge', [chain({ family: 'bridge', policy: 'drop' })], {}, null],
  [
    'one at prerouting',
    [chain({ hook: 'prerouting', name: 'raw' })],
    { raw: 1 },
    'the nftables chain inet filter raw',
  ],
])('rules of somebody else: %s', async (_, chains, rules, expected) => {
  expect(await foreignFilter(nftWith(chains, rules), [])).toBe(expected);
});

test('old tables of iptables are seen by their names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'poolgate-tables-'));
  const names = join(folder, 'names');
  writeFileSync(names, 'nat\nfilter\n');
  expect(await foreignFilter(nftWith([]), [join(folder, 'none'), names])).toBe(
    'the old iptables table filter',
  );
  rmSync(folder, { recursive: true });
});

const gone: RunNft = async (args) =>
  args.includes('chains')
    ? nftWith([chain({})])(args)
    : { ok: false, stdout: '', stderr: 'Error: No such file or directory' };

test('what nft cannot say is an error, and a chain that is gone is none', async () => {
  await expect(foreignFilter(async () => ({ ok: false, stdout: '', stderr: 'no' }), [])).rejects.toThrow(
    'no',
  );
  await expect(foreignFilter(async () => ({ ok: true, stdout: '{', stderr: '' }), [])).rejects.toThrow(
    'list chains',
  );
  expect(await foreignFilter(gone, [])).toBeNull();
});

test('that some came is told once, and that they went is known', async () => {
  let now: string | null = null;
  const told: string[] = [];
  const filters = new ForeignFilters(
    (message) => told.push(message),
    async () => now,
  );
  expect(await filters.look()).toBe(false);
  now = 'the nftables chain inet filter forward';
  expect(await filters.look()).toBe(true);
  expect(await filters.look()).toBe(false);
  expect(told).toEqual([expect.stringContaining('so that the nftables chain inet filter forward sees them')]);
  now = null;
  expect(await filters.look()).toBe(true);
});

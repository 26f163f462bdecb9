import { describe, expect, it } from 'vitest';
import { WAYS } from '../rules/rule.ts';
import { RULES } from '../rules/rules.ts';
import { poolgate } from './testing.ts';

async function idsOf(line: string): Promise<string[]> {
  const { code, out, err } = await poolgate(`rules ${line} --format json`);
  expect([code, err]).toEqual([0, '']);
  return (JSON.parse(out) as { id: string }[]).map(({ id }) => id);
}

describe('rules', () => {
  it('lists all of them as a table, a line each', async () => {
    const { code, out } = await poolgate('rules');
    const lines = out.trimEnd().split('\n');
    expect([code, lines.length]).toEqual([0, RULES.length + 1]);
    expect(lines[0]).toMatch(/^RULE +SEVERITY +CHECKED BY +WHAT MUST BE SO/);
    expect(lines[18]).toMatch(/^R18 +error +lint, probe +Internal pools do not have half-NAT/);
  });

  it('as JSON has all that is known of each, but for the function', async () => {
    const { out } = await poolgate('rules R18 --format json');
    const [rule] = JSON.parse(out);
    const { lint, ...rest } = RULES.find(({ id }) => id === 'R18') ?? {};
    expect(lint).toBeTypeOf('function');
    expect(rule).toEqual(rest);
  });

  it('takes ids as arguments and as options, in either case and in the order of the table', async () => {
    expect(await idsOf('r18 R17 --id R5 --id r60')).toEqual(['R5', 'R17', 'R18', 'R60']);
  });

  it('filters by product', async () => {
    const ids = await idsOf('--product ocs-2007-r2');
    expect(ids).toEqual(expect.arrayContaining(['R1', 'R12', 'R45']));
    // Of the rules of later products one was true already.
    expect(ids.filter((id) => Number(id.slice(1)) >= 50)).toEqual(['R53']);
    expect(await idsOf('--product SFB-2019')).toEqual(expect.arrayContaining(['R10', 'R52', 'R60']));
  });

  it.each(Object.keys(WAYS))('filters by the way of checking: %s', async (way) => {
    const expected = RULES.filter(({ how }) => (how as readonly string[]).includes(way));
    expect(await idsOf(`--how ${way}`)).toEqual(expected.map(({ id }) => id));
  });

  it('says so when no rule is left', async () => {
    expect(await poolgate('rules R7 --how lint')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('No rule'),
    });
  });

  it.each(['rules R46', 'rules show R46', 'rules --product lync', 'rules --how luck', 'rules show'])(
    '%s is wrong usage',
    async (line) => {
      const { code, out, err } = await poolgate(line);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/\n {2}hint: poolgate rules( show)? --help\n$/);
    },
  );
});

describe('rules show', () => {
  it('has everything, within the width of the window', async () => {
    const { code, out } = await poolgate('rules show R21', { columns: 72 });
    const { why, hint, sources, checked, sample } = RULES.find(({ id }) => id === 'R21') ?? { sources: [] };
    expect(code).toBe(0);
    const flat = out.replaceAll(/\s+/g, ' ');
    for (const text of [why, hint, checked, ...sources, 'R21', 'warning', 'lint, probe', 'sfb-se']) {
      expect(flat).toContain(text);
    }
    expect(out).toContain(sample?.trimEnd().replaceAll(/^/gm, '  '));
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(72);
  });

  it('shows no sample where a config has nothing of it', async () => {
    expect((await poolgate('rules show R36')).out).not.toContain('A config that keeps it');
    expect(JSON.parse((await poolgate('rules show R36 --format json')).out)).toMatchObject({ id: 'R36' });
  });
});

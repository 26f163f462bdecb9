/**
 * Configs with one fault each. The line that is wrong ends in `# fault: RULE`; below it stands what would be right, behind
 * `#right:` (nothing: leave it out). The command itself reads them.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { poolgate } from '../../cli/testing.ts';
import type { Finding } from '../../config/findings.ts';
import { RULES } from '../rules.ts';

const FOLDER = new URL('.', import.meta.url).pathname;
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const FAULT = /^(\s*)(.*) # fault: (R\d+|CONFIG_[A-Z_]+)\n\s*#right:(.*)\n/m;
const scratch = mkdtempSync(join(tmpdir(), 'poolgate-faults-'));
afterAll(() => rmSync(scratch, { recursive: true }));

async function findingsOf(file: string): Promise<Finding[]> {
  return JSON.parse((await poolgate(['check', '--format', 'json', file])).out);
}

describe.each(FILES)('%s', (name) => {
  const file = join(FOLDER, name);
  const text = readFileSync(file, 'utf8');
  const [, indent, , rule = ''] = FAULT.exec(text) ?? [];
  const line = text.slice(0, text.search(/ # fault: /)).split('\n').length;

  it('is found out: the rule, the line, and nothing else', async () => {
    const findings = await findingsOf(file);
    expect(findings.map((f) => `${f.rule} in line ${f.line}`)).toEqual([`${rule} in line ${line}`]);
    const [{ message = '', hint = '', source = '', col = 0 } = {}] = findings;
    for (const said of [message, hint, source]) expect(said).toMatch(/\S{3}/);
    expect(col).toBeGreaterThan((indent ?? '').length);
  });

  it('is right with what is written below the fault', async () => {
    const right = text.replace(FAULT, (_, before: string, __, ___, instead: string) =>
      instead.trim() === '' ? '' : `${before}${instead.trim()}\n`,
    );
    expect(right).not.toBe(text);
    const mended = join(scratch, name);
    writeFileSync(mended, right);
    expect(await findingsOf(mended)).toEqual([]);
  });

  it('is named after its rule', () => {
    expect(name.split('-')[0]).toBe(rule.split('_')[0]?.toLowerCase());
  });
});

it('there are forty and more, and one at least for each rule that is linted', () => {
  expect(FILES.length).toBeGreaterThan(40);
  const linted = RULES.filter(({ how }) => how.includes('lint')).map(({ id }) => id.toLowerCase());
  expect(linted.filter((id) => !FILES.some((name) => name.startsWith(`${id}-`)))).toEqual([]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Finding } from '../config/findings.ts';
import { LEAST } from '../config/testing.ts';
import { RULES } from '../rules/rules.ts';
import { sarifOf } from './sarif.ts';
import { poolgate } from './testing.ts';

const scratch = mkdtempSync(join(tmpdir(), 'poolgate-sarif-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Of the schema of SARIF 2.1.0: the objects that are written here, with the properties that each must have. */
interface Log {
  $schema: string;
  version: string;
  runs: {
    tool: { driver: { name: string; rules: { id: string; shortDescription: { text: string } }[] } };
    columnKind: string;
    results: {
      ruleId: string;
      ruleIndex?: number;
      level: string;
      message: { text: string };
      locations: {
        physicalLocation: {
          artifactLocation: { uri: string };
          region: { startLine: number; startColumn: number };
        };
      }[];
    }[];
  }[];
}

async function check(text: string): Promise<{ code: number; log: Log; file: string }> {
  const file = join(scratch, 'a pool.yaml');
  writeFileSync(file, text);
  const { code, out } = await poolgate(['check', '--format', 'sarif', file]);
  return { code, log: JSON.parse(out), file };
}

describe('check --format sarif', () => {
  it('is a log with one run, all rules and no result for a config that is right', async () => {
    const { code, log } = await check(LEAST);
    expect(code).toBe(0);
    expect(log).toMatchObject({
      version: '2.1.0',
      $schema: expect.stringMatching(/sarif-schema-2\.1\.0\.json$/),
    });
    expect(log.runs).toHaveLength(1);
    const { tool, results, columnKind } = log.runs[0] ?? { tool: { driver: { name: '', rules: [] } } };
    expect([tool.driver.name, results, columnKind]).toEqual(['Poolgate', [], 'unicodeCodePoints']);
    const ids = tool.driver.rules.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(RULES.map(({ id }) => id)));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { shortDescription } of tool.driver.rules) expect(shortDescription.text).toMatch(/\.$/);
  });

  it('has a result for each finding, at its place and pointing at its rule', async () => {
    const text = LEAST.replace('pool: ocspool }', 'pool: ocspool, nat: half, timeouts: { idle: 1m } }');
    const { code, log, file } = await check(text);
    expect(code).toBe(1);
    const run = log.runs[0];
    const lines = run?.results.map(({ ruleId, level, locations: [at] }) => [
      ruleId,
      level,
      at?.physicalLocation.region.startLine,
      at?.physicalLocation.artifactLocation.uri,
    ]);
    const uri = `file://${file.replace(' ', '%20')}`;
    expect(lines).toEqual([
      ['R18', 'error', 7, uri],
      ['R10', 'warning', 7, uri],
    ]);
    for (const { ruleId, ruleIndex, message } of run?.results ?? []) {
      expect(run?.tool.driver.rules[ruleIndex ?? -1]?.id).toBe(ruleId);
      expect(message.text).not.toBe('');
    }
  });

  it('keeps a relative path relative, and a URI', () => {
    const finding: Finding = {
      rule: 'R28',
      severity: 'info',
      message: 'One.',
      hint: '',
      file: 'conf/a:b ü.yaml',
      line: 1,
      col: 1,
      source: 's',
    };
    const { runs } = sarifOf([finding], '1.0.0') as Log;
    const [result] = runs[0]?.results ?? [];
    expect(result).toMatchObject({
      level: 'note',
      message: { text: 'One.' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'conf/a%3Ab%20%C3%BC.yaml' } } }],
    });
  });
});

it('check --format text is the table', async () => {
  const file = join(scratch, 'b.yaml');
  writeFileSync(file, LEAST.replace('pool: ocspool }', 'pool: ocspool, nat: none }'));
  const [text, table] = [
    await poolgate(['check', '--format', 'text', file]),
    await poolgate(['check', file]),
  ];
  expect(text).toEqual(table);
  expect(text.out).toContain(': error R19 ');
});

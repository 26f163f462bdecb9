import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type JsonSchema, schemaProblems } from '../../examples/json-schema.ts';
import type { Finding } from '../config/findings.ts';
import { LEAST } from '../config/testing.ts';
import { RULES } from '../rules/rules.ts';
import { sarifOf } from './sarif.ts';
import { poolgate } from './testing.ts';

const scratch = mkdtempSync(join(tmpdir(), 'poolgate-sarif-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const text = {
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
  additionalProperties: false,
};
const level = { enum: ['none', 'note', 'warning', 'error'] };

/** Of the schema of SARIF 2.1.0 the objects that are written here: which properties there are, and which there must be. */
const SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    $schema: { type: 'string', pattern: '^https://.*/sarif-schema-2\\.1\\.0\\.json$' },
    version: { enum: ['2.1.0'] },
    runs: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          tool: {
            type: 'object',
            properties: {
              driver: {
                type: 'object',
                properties: {
                  name: { type: 'string' },
                  semanticVersion: { type: 'string' },
                  rules: {
                    type: 'array',
                    items: {
                      type: 'object',
                      properties: {
                        id: { type: 'string' },
                        shortDescription: text,
                        fullDescription: text,
                        help: text,
                        defaultConfiguration: {
                          type: 'object',
                          properties: { level },
                          additionalProperties: false,
                        },
                        properties: { type: 'object' },
                      },
                      required: ['id'],
                      additionalProperties: false,
                    },
                  },
                },
                required: ['name'],
                additionalProperties: false,
              },
            },
            required: ['driver'],
            additionalProperties: false,
          },
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          results: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                ruleId: { type: 'string' },
                ruleIndex: { type: 'integer', minimum: 0 },
                level,
                message: text,
                locations: {
                  type: 'array',
                  items: {
                    type: 'object',
                    properties: {
                      physicalLocation: {
                        type: 'object',
                        properties: {
                          artifactLocation: {
                            type: 'object',
                            properties: { uri: { type: 'string', pattern: '^[!-~]+$' } },
                            additionalProperties: false,
                          },
                          region: {
                            type: 'object',
                            properties: {
                              startLine: { type: 'integer', minimum: 1 },
                              startColumn: { type: 'integer', minimum: 1 },
                            },
                            additionalProperties: false,
                          },
                        },
                        required: ['artifactLocation'],
                        additionalProperties: false,
                      },
                    },
                    additionalProperties: false,
                  },
                },
                properties: { type: 'object' },
              },
              required: ['message'],
              additionalProperties: false,
            },
          },
        },
        required: ['tool'],
        additionalProperties: false,
      },
    },
  },
  required: ['version', 'runs'],
  additionalProperties: false,
};

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

async function check(yaml: string): Promise<{ code: number; log: Log; file: string }> {
  const file = join(scratch, 'a pool.yaml');
  writeFileSync(file, yaml);
  const { code, out } = await poolgate(['check', '--format', 'sarif', file]);
  const log: unknown = JSON.parse(out);
  expect(schemaProblems(SCHEMA, log)).toEqual([]);
  return { code, log: log as Log, file };
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

import { describe, expect, it } from 'vitest';
import type { Finding } from './findings.ts';
import { parseConfig } from './load.ts';
import { configWith, LEAST, load } from './testing.ts';

function first(text: string): Finding | undefined {
  return parseConfig(text, 'c.yaml').findings[0];
}

describe('broken YAML', () => {
  it.each([
    ['a tab', 'version: 1\npools:\n\t- name: a\n', 3, 1, /tab/i],
    ['a tab after spaces', 'version: 1\npools:\n  \t- name: a\n', 3, 3, /tab/i],
    ['a bracket that stays open', 'version: 1\npools: [{ name: a }\n', 3, 1, /indented|,|]/],
    ['a quote that stays open', 'version: 1\nadmin: { listen: "127.0.0.1:9080 }\n', 3, 1, /quote/],
    ['two keys on a line', 'version: 1\npools: name: a\n', 2, 8, /second `key:`/],
    ['no colon', 'version: 1\npools\nvirtualServices: []\n', 2, 1, /neither/],
    ['an unknown alias', 'version: *one\n', 1, 10, /alias/i],
    ['a tag', 'version: !secret 1\n', 1, 10, /tags/],
    ['a second document', `${LEAST}---\nversion: 1\n`, 8, 1, /second document/],
    ['a map as a key', '? { a: 1 }\n: 2\nversion: 1\n', 1, 3, /cannot be a key/],
  ])('%s', (_, text, line, col, message) => {
    const found = parseConfig(text, 'c.yaml').findings.find((f) => f.rule === 'CONFIG_SYNTAX');
    expect(found).toMatchObject({
      severity: 'error',
      line,
      col,
      message: expect.stringMatching(message),
    });
    expect(found?.hint).not.toBe('');
  });

  it('is told once for each line', () => {
    const { findings } = parseConfig('a: b: c: d: e\nf: g: h\nversion: 1\n', 'c.yaml');
    const lines = findings.map((f) => f.line);
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('with a key twice is told with all else that is wrong', () => {
    const { findings } = parseConfig(`version: 1\n${LEAST.replace('vip', 'vpi')}`, 'c.yaml');
    expect(findings.map((f) => [f.rule, f.line])).toEqual([
      ['CONFIG_DUPLICATE_KEY', 2],
      ['CONFIG_MISSING_KEY', 8],
      ['CONFIG_UNKNOWN_KEY', 8],
    ]);
  });
});

describe('unknown keys and values', () => {
  it.each([
    ['realServer', LEAST.replace('realServers', 'realServer'), 'Did you mean `realServers`?'],
    ['the root', LEAST.replace('virtualServices', 'virtualservice'), 'Did you mean `virtualServices`?'],
    ['a value', configWith({ service: 'ports: [1], scheduler: wcl' }), 'Did you mean `wlc`?'],
    ['a pool', LEAST.replace('pool: ocspool', 'pool: ocspol'), 'Did you mean `ocspool`?'],
    [
      'a profile',
      LEAST.replace('enterprise-pool', 'enterprise'),
      'Did you mean `ocs-2007-r2/enterprise-pool`?',
    ],
    [
      'an option',
      LEAST.replace('realServers', 'options: { plainSIP: true }\n    realServers'),
      'Did you mean `plainSip`?',
    ],
    [
      'a key of a mapping',
      configWith({ service: 'ports: [{ port: 1, serverport: 2 }]' }),
      'Did you mean `serverPort`?',
    ],
    [
      'a duration without unit',
      configWith({ head: 'shutdownTimeout: 10' }),
      'Write the unit: `10s` or `10ms`.',
    ],
    [
      'a duration out of bounds',
      configWith({ head: 'shutdownTimeout: 99h' }),
      'Write `24h` or a value within these.',
    ],
  ])('%s: the hint says what was meant', (_, text, hint) => {
    expect(parseConfig(text, 'c.yaml').findings.map((f) => f.hint)).toContain(hint);
  });

  it('show the caret where the value or the key stands', () => {
    const text = configWith({ servers: '{ name: a, address: 10.0.0.41, weight: 70000, wight: 1 }' });
    const line = text.split('\n').find((l) => l.includes('wight')) ?? '';
    const cols = parseConfig(text, 'c.yaml').findings.map((f) => f.col);
    expect(cols).toEqual([line.indexOf('70000') + 1, line.indexOf('wight') + 1]);
  });
});

describe('hostile YAML', () => {
  it('cannot reach prototypes', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const found = first(LEAST.replace('realServers:', `${key}: { polluted: 1 }\n    realServers:`));
      expect(found).toMatchObject({ rule: 'CONFIG_UNKNOWN_KEY', message: expect.stringContaining(key) });
      expect(
        first(LEAST.replace('realServers:', `options: { ${key}: true }\n    realServers:`))?.severity,
      ).toBe('error');
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('cannot expand without end', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++)
      lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`);
    const began = performance.now();
    expect(first(`${lines.join('\n')}\n`)).toMatchObject({
      rule: 'CONFIG_SYNTAX',
      message: expect.stringContaining('expand'),
    });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('cannot refer to itself', () => {
    expect(first('version: &a [*a]\n')).toMatchObject({
      rule: 'CONFIG_SYNTAX',
      message: expect.stringContaining('nested'),
    });
  });

  it.each([
    ['brackets', '['.repeat(20_000)],
    ['dashes', '- '.repeat(20_000)],
    ['braces', '{'.repeat(20_000)],
    ['question marks', '? '.repeat(20_000)],
    ['many keys', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['many aliases', `- &a x\n${'- *a\n'.repeat(20_000)}`],
    ['tabs', '\t- a\n'.repeat(20_000)],
    ['zeros', '\0'.repeat(20_000)],
  ])('ends soon: %s', (_, text) => {
    const began = performance.now();
    const { config, findings } = parseConfig(text, 'c.yaml');
    expect(config).toBeNull();
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.length).toBeLessThanOrEqual(120);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('leaves error traces of the process as they were', () => {
    const before = Error.stackTraceLimit;
    parseConfig('[', 'c.yaml');
    expect(Error.stackTraceLimit).toBe(before);
  });
});

it('an alias means the last anchor before it', () => {
  const servers =
    '{ name: a, address: 10.0.0.1, weight: &w 3 }, { name: b, address: 10.0.0.2, weight: *w }, { name: c, address: 10.0.0.3, weight: &w 5 }, { name: d, address: 10.0.0.4, weight: *w }';
  expect(load(configWith({ servers })).effective.pools[0]?.realServers.map((s) => s.weight)).toEqual([
    3, 3, 5, 5,
  ]);
});

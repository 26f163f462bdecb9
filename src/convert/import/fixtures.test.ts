import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../config/load.ts';
import { EXPECTED } from './fixtures/expected.ts';
import { importText } from './import.ts';
import type { ImportOptions } from './importer.ts';
import { decode } from './read-source.ts';
import { FILL_IN } from './write.ts';

const FOLDER = new URL('fixtures/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => /\.c(?:fg|onf)$/.test(name));
const OPTIONS: ImportOptions = { vip: null, addresses: new Map(), merge: true, env: {} };

function load(name: string, options: Partial<ImportOptions> = {}) {
  const text = decode(readFileSync(new URL(name, FOLDER)));
  const format = name.startsWith('keepalived') ? 'keepalived' : 'haproxy';
  return { text, ...importText(format, text, name, { ...OPTIONS, ...options }) };
}

it('every file is expected something of', () => {
  expect(Object.keys(EXPECTED).toSorted()).toEqual(FILES.toSorted());
});

describe.each(FILES)('%s', (name) => {
  const expected = EXPECTED[name];
  const got = load(name, expected?.options);

  it('becomes a config that check accepts, or says which values are to be filled in', () => {
    const { findings } = parseConfig(got.config, name);
    const lines = got.config.split('\n');
    const refused = findings.filter((f) => f.severity === 'error');
    const unsaid = refused.filter(
      (f) =>
        !lines[f.line - 1]?.includes(`# ${FILL_IN}`) &&
        !got.entries.some((e) => e.kind === 'fill-in' && e.message.includes(f.message)),
    );
    expect(unsaid).toEqual([]);
    expect(got.findings.filter((f) => f.severity === 'error')).toHaveLength(refused.length);
    expect(got.entries.filter((e) => e.kind === 'fill-in').length).toBeGreaterThanOrEqual(
      Math.min(1, refused.length),
    );
    expect(got.result).toBe(expected?.result);
  });

  it('has what the file meant', () => {
    expect(got.counts).toEqual(expected?.counts);
    expect(parse(got.config)).toMatchObject(expected?.config ?? {});
  });

  it('tells what became of every line', () => {
    expect(untold(got.text, got.entries)).toEqual([]);
  });

  it('tells the essentials at their lines', () => {
    const told = got.entries.map(({ line, kind, rule, message }) => `${line} ${kind} ${rule} ${message}`);
    for (const [line, kind, words] of expected?.tells ?? []) {
      const found = told.filter((entry) => entry.startsWith(`${line} ${kind} `) && words.test(entry));
      expect(found, `${line} ${kind} ${String(words)}\n${told.join('\n')}`).not.toEqual([]);
    }
  });
});

/** Lines with words that no entry is about, neither by itself nor as part of a section that is told of as a whole. */
function untold(text: string, entries: readonly { line: number; message: string }[]): string[] {
  const about = new Set(entries.map((e) => e.line));
  for (const { line, message } of entries) {
    const [, from, to, only] = /[Ll]ines (\d+)-(\d+)|to line (\d+)/.exec(message) ?? [];
    for (let at = Number(from ?? line); at <= Number(to ?? only ?? 0); at++) about.add(at);
  }
  return text
    .split('\n')
    .map((line, at) => `${at + 1} ${line.trim()}`)
    .filter((line) => !/^\d+ (?:$|[#!{}]|\$\w+=)/.test(line))
    .filter((line) => !HEADING.test(line))
    .filter((line) => !about.has(Number.parseInt(line, 10)));
}

/** What only opens a section or a block, or asks nothing. */
const HEADING =
  /^\d+ (?:global|defaults|listen|frontend|backend|virtual_server_group|virtual_ipaddress|url|vrrp_instance|authentication)\b/;

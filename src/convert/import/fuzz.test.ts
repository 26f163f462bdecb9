/** Whatever a file holds: the import ends, in bounded time, with a config that is accepted or a word on why it is not. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CONFIG_BYTES } from '../../model/config.ts';
import { parseConfig } from '../../config/load.ts';
import { DIRECTIVES } from './haproxy/directives.ts';
import { OPTIONS } from './haproxy/options.ts';
import { SECTION_WORDS } from './haproxy/sections.ts';
import { SERVER_WORDS } from './haproxy/server-words.ts';
import { type FormatName, importText } from './import.ts';
import type { ImportOptions } from './importer.ts';
import { CHECKERS } from './keepalived/checkers.ts';
import { VIRTUAL_WORDS } from './keepalived/words.ts';
import { decode, MAX_SOURCE_BYTES } from './read-source.ts';
import { FILL_IN } from './write.ts';

const OPTIONS_GIVEN: ImportOptions = { vip: null, addresses: new Map(), merge: true, env: { HOME: '/root' } };
const FOLDER = new URL('fixtures/', import.meta.url);
const FIXTURES = readdirSync(FOLDER)
  .filter((name) => /\.c(?:fg|onf)$/.test(name))
  .map((name) => decode(readFileSync(new URL(name, FOLDER))));
const RUNS = Number(process.env['POOLGATE_FUZZ_RUNS'] ?? 60);

function assertImports(format: FormatName, text: string): void {
  const { config, entries, result } = importText(format, text, 'fuzz', OPTIONS_GIVEN);
  const { findings } = parseConfig(config, 'fuzz');
  const lines = config.split('\n');
  const unsaid = findings.filter(
    (f) =>
      f.severity === 'error' &&
      !lines[f.line - 1]?.includes(`# ${FILL_IN}`) &&
      !entries.some((e) => e.kind === 'fill-in' && e.message.includes(f.message.slice(0, 200))),
  );
  expect(unsaid).toEqual([]);
  expect(result === 'incomplete').toBe(entries.some((e) => e.kind === 'fill-in' || e.kind === 'missing'));
  const last = text.split('\n').length + 1;
  expect(entries.filter((e) => e.line < 0 || e.line > last)).toEqual([]);
}

const WORDS = [
  ...Object.keys(SECTION_WORDS),
  ...Object.keys(DIRECTIVES),
  ...Object.keys(OPTIONS),
  ...Object.keys(SERVER_WORDS),
  ...Object.keys(VIRTUAL_WORDS),
  ...Object.keys(CHECKERS),
  'virtual_server',
  'real_server',
  'virtual_server_group',
  'vrrp_instance',
  'group',
  'fwmark',
  'include',
  '{',
  '}',
  '\n',
  '\n',
  '\n',
  '10.0.0.1:80',
  '10.0.0.1',
  '10.0.0.2:443',
  '*:1-65535',
  '[::1]:443',
  '::',
  '224.0.0.1:1',
  'fe01.contoso.com:5061',
  '0',
  '80',
  '65536',
  '5s',
  '0s',
  '99999999999d',
  '10240k',
  '-1',
  'tcp',
  'http',
  'src',
  'ip',
  'type',
  'size',
  'expire',
  'on',
  'status',
  '100-599',
  'string',
  'A',
  '"',
  "'",
  '\\',
  '#',
  '$HOME',
  '${X-y}',
  '.if',
  '.else',
  '.endif',
  '__proto__',
  'constructor',
  'toString',
  'from',
  'no',
  '\0',
  '\u001b[31m',
  '\u2028',
];

const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 80 }).map((words) => words.join(' '));
/** A fixture with some lines lost, doubled, or swapped for others. */
const mangled = fc
  .tuple(fc.constantFrom(...FIXTURES), fc.array(fc.tuple(fc.nat(80), fc.nat(3), soup), { maxLength: 6 }))
  .map(([text, edits]) => {
    const lines = text.split('\n');
    for (const [at, how, words] of edits) {
      const line = lines[at] ?? '';
      const instead = [[], [line, line], [words], [line.slice(0, Math.floor(line.length / 2))]][how] ?? [];
      lines.splice(at, 1, ...instead);
    }
    return lines.join('\n');
  });

describe.each(['haproxy', 'keepalived'] as const)('%s', (format) => {
  it.each([
    ['any text', fc.string({ unit: 'binary', maxLength: 400 })],
    ['its own words in any order', soup.map((text) => `listen x\n${text}`)],
    ['files that people broke', mangled],
  ] as const)('survives %s', (_name, texts) => {
    fc.assert(
      fc.property(texts, (text) => assertImports(format, text)),
      { numRuns: RUNS },
    );
  });

  const heading = format === 'haproxy' ? 'listen x\n' : 'virtual_server 10.0.0.1 80 {\n';
  const full = (piece: (i: number) => string): string => {
    const pieces = [heading];
    for (let size = heading.length, i = 0; size < MAX_SOURCE_BYTES - 100; i++) {
      const next = piece(i);
      pieces.push(next);
      size += next.length;
    }
    return pieces.join('');
  };

  it.each([
    ['a new word on each line', (i: number) => ` word${i}\n`],
    [
      'servers and ports',
      (i: number) =>
        ` bind 10.0.0.1:${1 + (i % 65_535)}\n server s${i} 10.0.${(i >> 8) & 255}.${i & 255}:80 chek\n` +
        ` real_server 10.0.0.${i & 255} 80 {\n weight 1\n }\n`,
    ],
    [
      'sections',
      (i: number) =>
        `}\nlisten s${i} 10.0.0.1:${1 + (i % 65_535)}\n server a 10.0.0.${i & 255}:80\n` +
        `virtual_server 10.0.${i & 255}.1 ${1 + (i % 65_535)} {\n real_server 10.0.0.2 80 {\n}\n`,
    ],
    ['braces, quotes and variables', () => '{ x {\n"\\" \'$HOME ${A\n$A=$A$A$A\nsetenv A "$A$A$A"'],
    ['unknown words on one line', (i: number) => (i === 0 ? ' server a 10.0.0.2:80' : ` wrod${i}`)],
  ])('is done with a full file of %s in seconds', (_name, piece) => {
    const text = full(piece);
    const start = process.cpuUsage();
    const { config, entries } = importText(format, text, 'full', OPTIONS_GIVEN);
    // Of the processor, because the machine may have other things to do.
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(10);
    expect(entries.length).toBeLessThanOrEqual(2000);
    expect(config.length).toBeLessThan(40 * MAX_CONFIG_BYTES);
  });
});

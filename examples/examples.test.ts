import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../src/config/load.ts';
import { schemaProblems } from './json-schema.ts';

const FOLDER = new URL('.', import.meta.url);
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.yaml'),
);
const SCHEMA = JSON.parse(read('../docs/reference/config.schema.json'));

function read(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

describe.each(FILES)('%s', (name) => {
  it('is a config that runs, without a warning', () => {
    const { config, findings } = parseConfig(read(name), name);
    expect(findings).toEqual([]);
    const { services, topology } = config?.effective ?? {};
    const routes = topology?.mode === 'two-armed' && topology.routing;
    expect(routes || services?.length).toBeTruthy();
  });

  it('says what it is for and names the schema for editors', () => {
    const comments = /^(#.*\n)+/.exec(read(name))?.[0] ?? '';
    expect(comments).toMatch(/^# [A-Z]/);
    const up = '../'.repeat(name.split('/').length);
    expect(comments).toContain(`\n# yaml-language-server: $schema=${up}docs/reference/config.schema.json\n`);
  });

  it('fits the JSON Schema', () => {
    expect(schemaProblems(SCHEMA, parse(read(name)))).toEqual([]);
  });

  it('stands in the table', () => {
    const [folder, inFolder] = /^(.*?)\/(.*)$/.exec(name)?.slice(1) ?? ['.', name];
    expect(read(`${folder}/README.md`)).toContain(`| [${inFolder}](${inFolder}) `);
  });
});

describe('the full example', () => {
  const effective = parseConfig(read('ocs-enterprise-pool.yaml'), 'x').config?.effective;

  it('says in its comments what the profile supplies', () => {
    const text = read('ocs-enterprise-pool.yaml');
    const ports = effective?.services[0]?.ports.map(({ first }) => first);
    expect(text).toContain(`# ports: [${ports?.join(', ')}]`);
    for (const { port } of effective?.pools[0]?.healthChecks ?? []) {
      expect(text).toContain(
        `#   - { type: tcp, port: ${port}, interval: 5s, timeout: 3s, rise: 2, fall: 3 }`,
      );
    }
  });

  it('means the same with its comments taken at their word', () => {
    const written = read('ocs-enterprise-pool.yaml').replaceAll(
      /^( *)# (?=(?:healthChecks|onDown|ports|scheduler|nat|timeouts):|  - \{)/gm,
      '$1',
    );
    expect(written).toMatch(/^ +healthChecks:\n +- /m);
    const parsed = parseConfig(written, 'x');
    expect(parsed.findings).toEqual([]);
    expect(parsed.config?.effective).toEqual(effective);
  });
});

describe('the JSON Schema', () => {
  const least = parse(read('least.yaml'));

  it.each([
    ['an unknown key', { ...least, virtualService: [] }],
    ['a missing key', { ...least, pools: undefined }],
    ['a duration without its unit', { ...least, shutdownTimeout: '10' }],
    ['a value that is none of those', { ...least, dataPlane: 'fast' }],
    [
      'a port out of range',
      { ...least, virtualServices: [{ name: 'a', vip: '10.0.0.1', pool: 'b', ports: [70_000] }] },
    ],
  ])('refuses %s', (_, config) => {
    expect(schemaProblems(SCHEMA, JSON.parse(JSON.stringify(config)))).not.toEqual([]);
  });
});

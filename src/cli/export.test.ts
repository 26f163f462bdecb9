import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { poolgate } from './testing.ts';

const POOL = `version: 1
pools:
  - name: web
    realServers: [{ name: web01, address: 10.0.0.51 }]
virtualServices:
  - { name: www, vip: 10.0.0.50, pool: web, ports: [443] }
`;
let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'poolgate-export-'));
  file = join(directory, 'pool.yaml');
});
afterAll(() => rm(directory, { recursive: true }));

async function exporting(text: string, ...words: string[]) {
  await writeFile(file, text);
  return poolgate(['export', ...words, file]);
}

test.each([
  ['haproxy', 'bind 10.0.0.50:443'],
  ['keepalived', 'virtual_server 10.0.0.50 443 {'],
  ['nftables', 'ip daddr 10.0.0.50 tcp dport 443 dnat ip to 10.0.0.51'],
])('%s: the file is on stdout', async (program, line) => {
  const { code, out, err } = await exporting(POOL, program);
  expect(code).toBe(0);
  expect(out.split('\n').map((text) => text.trim())).toContain(line);
  expect(err).toMatch(/pool\.yaml: note: admin\.listen 127\.0\.0\.1:9080: no such API/);
  expect(err).toMatch(
    /\d lost, \d changed, \d+ notes?; what differs always stands in the head of the file\n$/,
  );
});

test('what is lost stands on stderr, and --strict makes it exit 1', async () => {
  const udp = POOL.replace('[443]', '[443, { port: 53, protocol: udp }]');
  const lenient = await exporting(udp, 'haproxy');
  expect([lenient.code, lenient.err]).toEqual([
    0,
    expect.stringContaining('lost: virtualServices[www].ports 53/udp: HAProxy forwards no UDP\n'),
  ]);
  expect((await exporting(udp, 'haproxy', '--strict')).code).toBe(1);
  expect((await exporting(POOL, 'haproxy', '--strict')).code).toBe(0);
});

test('the report as JSON', async () => {
  const { out, err } = await exporting(POOL, '--format', 'json', 'haproxy');
  expect(out).toContain('bind 10.0.0.50:443');
  expect(JSON.parse(err)).toContainEqual({
    kind: 'note',
    aspect: 'drainTimeout',
    path: 'pools[web].drain.timeout',
    value: '1h',
    text: expect.any(String),
  });
});

test('a config with errors gives no file', async () => {
  const { code, out, err } = await exporting(POOL.replace('pool: web', 'pool: wed'), 'haproxy');
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain('pool.yaml:6:');
});

test('a config of which the program can have nothing gives no file', async () => {
  const { code, out, err } = await exporting(
    POOL.replace('[443]', '[{ port: 53, protocol: udp }]'),
    'haproxy',
  );
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/has nothing for haproxy: no virtual service has a TCP port/);
});

test('a program that there is no export for is wrong usage', async () => {
  expect((await exporting(POOL, 'nginx')).code).toBe(2);
});

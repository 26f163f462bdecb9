import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigRejected, type Finding } from '../config/findings.ts';
import { poolgate, startDaemon } from './testing.ts';

const ERROR: Finding = {
  rule: 'CONFIG_UNKNOWN_KEY',
  severity: 'error',
  message: 'unknown key `pols`',
  hint: 'Did you mean `pools`?',
  file: '',
  line: 2,
  col: 3,
  source: 'config reference',
};
let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'poolgate-check-'));
  file = join(directory, 'pool.yaml');
  await writeFile(file, 'version: 1\n  pols: []\n');
});
afterAll(() => rm(directory, { recursive: true }));

const GOOD = `version: 1
pools:
  - name: ocspool
    realServers: [{ name: fe01, address: 10.0.0.41 }]
virtualServices:
  - { name: ocs, vip: 10.0.0.40, pool: ocspool, ports: [5061] }
`;

async function check(text: string, ...options: string[]) {
  await writeFile(file, text);
  return poolgate(['check', ...options, file]);
}

test('a config without errors is one line on stderr and exit 0', async () => {
  const { code, err } = await check(GOOD);
  expect([code, err]).toEqual([0, expect.stringMatching(/pool\.yaml: ok/)]);
});

test('findings are data: place, line, caret, hint; errors exit 1', async () => {
  const { code, out, err } = await check(GOOD.replace('realServers', 'realServer'));
  expect([code, err]).toEqual([1, expect.stringMatching(/: \d errors?, \d+ warnings?\n$/)]);
  const at = out.indexOf(`${file}:4:5: error `);
  expect(at).toBeGreaterThanOrEqual(0);
  const [head, line, caret, hint] = out.slice(at).split('\n');
  expect(head).toContain('realServer');
  expect([line, caret]).toEqual(['      realServer: [{ name: fe01, address: 10.0.0.41 }]', '      ^']);
  expect(hint).toMatch(/^ {2}hint: .*realServers/);
  const json: unknown = JSON.parse((await check('version: 2\n', '--format', 'json')).out);
  expect(json).toContainEqual(expect.objectContaining({ file, line: 1, severity: 'error' }));
});

test('what a config says cannot act on the terminal', async () => {
  const { code, out } = await check(`version: 1\n"\\e[31mkey": 1\n`);
  expect(code).toBe(1);
  // oxlint-disable-next-line no-control-regex -- what must not be there
  expect(out).not.toMatch(/\u001b/);
});

test('--strict exits 1 on warnings', async () => {
  const { err } = await check(GOOD);
  const warned = err.includes('warning');
  expect((await check(GOOD, '--strict')).code).toBe(warned ? 1 : 0);
});

test('a file that is not there is a clear error', async () => {
  const { code, out, err } = await poolgate(`check ${directory}/none.yaml`);
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/Cannot read .*none\.yaml: there is no such file/);
  expect((await poolgate(`check ${directory}`)).err).toContain('is not a regular file');
});

test('what the daemon rejects is shown in the user’s own file', async () => {
  await using daemon = await startDaemon();
  await writeFile(file, 'version: 1\n  pols: []\n');
  daemon.controller.planning = () => {
    throw new ConfigRejected('/etc/poolgate.yaml', [{ ...ERROR, file: '/etc/poolgate.yaml' }]);
  };
  for (const command of ['plan', 'apply']) {
    const { code, out, err } = await daemon.ask([command, file]);
    expect([code, err]).toEqual([1, `${file}: refused; what runs goes on unchanged.\n`]);
    expect(out.split('\n').slice(0, 3)).toEqual([
      `${file}:2:3: error CONFIG_UNKNOWN_KEY unknown key \`pols\``,
      '    pols: []',
      '    ^',
    ]);
  }
});

test('run shows on stderr why it does not start', async () => {
  const daemon = () => Promise.reject(new ConfigRejected(file, [{ ...ERROR, file }]));
  const { code, out, err } = await poolgate(`run ${file}`, { start: { daemon } });
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(new RegExp(`^${file}:2:3: error CONFIG_UNKNOWN_KEY`));
  expect(err).toContain(`poolgate: ${file} has 1 error.`);
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { poolgate } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'poolgate-import-'));
afterAll(() => rmSync(directory, { recursive: true }));

const GUIDE = fileURLToPath(new URL('../convert/import/fixtures/ocs-appliance-guide.cfg', import.meta.url));

test('the config alone is on stdout, the report on stderr', async () => {
  const { code, out, err } = await poolgate(['import', 'haproxy', GUIDE]);
  expect(code).toBe(0);
  expect(parse(out)).toMatchObject({ version: 1, virtualServices: [{ name: 'OCS', vip: '192.168.2.171' }] });
  expect(err).toContain(`${GUIDE}:6: \`bnd 192.168.2.171:5073,192.168.2.171:5074\`:`);
  expect(err.trimEnd().split('\n').at(-1)).toBe(
    `${GUIDE}: complete: 1 virtual service, 1 pool, 2 real servers; 0 to fill in, 0 without equivalent, 8 changed; \`poolgate check\` accepts it`,
  );
});

test('programs get the report as JSON, and stdout stays YAML', async () => {
  const { code, out, err } = await poolgate(['import', 'haproxy', '--format', 'json', GUIDE]);
  expect(code).toBe(0);
  expect(parse(out)).toHaveProperty('version', 1);
  const report: unknown = JSON.parse(err);
  expect(report).toMatchObject({ file: GUIDE, result: 'complete', counts: { realServers: 2 } });
  // What the rules advise may depend on the source ports of this machine.
  expect(report).not.toMatchObject({
    findings: expect.arrayContaining([expect.objectContaining({ severity: 'error' })]),
  });
  expect(report).not.toHaveProperty('config');
});

test('a file that is not there, and wrong usage', async () => {
  const none = await poolgate('import haproxy /nonexistent.cfg');
  expect([none.code, none.out]).toEqual([1, '']);
  expect(none.err).toContain('Cannot read /nonexistent.cfg');
  expect((await poolgate(['import', 'haproxy', '--vip', 'here', GUIDE])).code).toBe(2);
  expect((await poolgate(['import', 'haproxy', '--address', 'fe01', GUIDE])).code).toBe(2);
  expect((await poolgate('import haproxy')).code).toBe(2);
  expect((await poolgate('import nginx x.conf')).code).toBe(2);
});

const WITH_GAPS = Buffer.from(
  'listen sip\r\n bind *:5061\r\n server fe01 fe01.contoso.com check # M\xfcnchen\r\n',
  'latin1',
);

test('what is missing is told by the exit code, the report, and the config itself', async () => {
  const file = join(directory, 'gaps.cfg');
  writeFileSync(file, WITH_GAPS);
  const { code, out, err } = await poolgate(['import', 'haproxy', file]);
  expect(code).toBe(1);
  expect(out).toContain('# Not complete:');
  expect(out).toContain('vip: FILL-IN #');
  expect(err).toContain(`${file}:2: \`bind *:5061\`:`);
});

test('stdin is a file too, and what it lacks can be given', () => {
  const bin = fileURLToPath(new URL('../../bin/poolgate.js', import.meta.url));
  const given = ['--vip', '10.0.0.40', '--address', 'FE01.contoso.com=10.0.0.41', '-'];
  const run = spawnSync(process.execPath, [bin, 'import', 'haproxy', ...given], {
    input: WITH_GAPS,
    encoding: 'utf8',
  });
  expect([run.status, parse(run.stdout)]).toMatchObject([
    0,
    {
      pools: [{ realServers: [{ fqdn: 'fe01.contoso.com', address: '10.0.0.41' }] }],
      virtualServices: [{ vip: '10.0.0.40', ports: [5061] }],
    },
  ]);
});

test('--no-merge keeps sections apart', async () => {
  const file = fileURLToPath(
    new URL('../convert/import/fixtures/haproxy-lync-front-end.cfg', import.meta.url),
  );
  const { err } = await poolgate(['import', 'haproxy', '--no-merge', file]);
  expect(err).toContain('6 virtual services, 5 pools');
  expect(err).not.toContain('one pool, so one verdict');
});

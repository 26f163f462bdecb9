import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { poolgate } from './testing.ts';

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

import { expect, test } from 'vitest';
import { poolgate } from './testing.ts';

const COMMANDS =
  'run demo check config plan apply history rollback status servers connections events top drain ready maint weight version'.split(
    ' ',
  );

test('help names every command and exits 0', async () => {
  for (const line of ['--help', 'help', '-h']) {
    const { code, out, err } = await poolgate(line);
    expect([code, err]).toEqual([0, '']);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
  }
});

test('every command has help', async () => {
  for (const command of COMMANDS) {
    const { code, out } = await poolgate(`${command} --help`);
    expect([command, code]).toEqual([command, 0]);
    expect(out).toContain(`Usage: poolgate ${command}`);
  }
  expect((await poolgate('help drain')).out).toContain('Examples:\n  poolgate drain fe01 ');
});

test('wrong usage says what is wrong, what was meant, and exits 2', async () => {
  const cases: readonly [string, RegExp][] = [
    ['', /Usage: poolgate/],
    ['config', /Usage: poolgate config/],
    ['stauts', /unknown command 'stauts'\n\(Did you mean status\?\)\n {2}hint: poolgate --help/],
    ['servers --formt json', /unknown option '--formt'\n\(Did you mean --format\?\)/],
    ['servers --format xml', /Allowed choices are table, json/],
    ['servers fe01 extra', /too many arguments/],
    ['drain', /missing required argument 'server'\n {2}hint: poolgate drain --help/],
    ['weight fe01 -1', /value '-1' is invalid/],
    ['weight fe01 65536', /whole number from 0 to 65535/],
    ['weight fe01 1e3', /whole number from 0 to 65535/],
    ['connections --limit 0', /whole number from 1 to 100000/],
    ['status --url ftp://contoso.com', /like http:\/\/127\.0\.0\.1:9080/],
    ['demo --seconds x', /whole number/],
    ['run', /missing required argument 'config'/],
  ];
  for (const [line, message] of cases) {
    const { code, out, err } = await poolgate(line);
    expect([line, code, out]).toEqual([line, 2, '']);
    expect(err).toMatch(message);
  }
});

test('arguments cannot act on the terminal either', async () => {
  const { err } = await poolgate(['\u001b[31mx']);
  expect(err).toContain(String.raw`\u001b[31mx`);
});

test('version', async () => {
  expect((await poolgate('--version')).out).toBe('0.1.0\n');
  expect((await poolgate('version')).out).toMatch(/^poolgate 0\.1\.0 \(Node\.js \d+\.\d+\.\d+\)\n$/);
  expect(JSON.parse((await poolgate('version --format json')).out)).toMatchObject({ poolgate: '0.1.0' });
});

test('demo and run hand over to what main wires', async () => {
  const asked: unknown[] = [];
  const start = {
    daemon: async (options: object) => (asked.push(options), 0 as const),
    demo: async (options: object) => (asked.push(options), 1),
  };
  expect((await poolgate('run /etc/poolgate.yaml', { start })).code).toBe(0);
  expect((await poolgate('demo --plain --seconds 5', { start })).code).toBe(1);
  expect(asked).toMatchObject([{ configFile: '/etc/poolgate.yaml' }, { plain: true, seconds: 5 }]);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PoolgateError } from '../lib/errors.ts';
import { poolgate, startDaemon } from './testing.ts';

let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'poolgate-cli-'));
  file = join(directory, 'new.yaml');
  await writeFile(file, 'version: 1\npools: {}\n');
});
afterAll(() => rm(directory, { recursive: true }));

test('status says in one line that all is well, and what is not', async () => {
  await using daemon = await startDaemon();
  const well = await daemon.ask('status');
  expect([well.code, well.err]).toEqual([0, '']);
  expect(well.out.split('\n')[0]).toBe('OK  All is well: 2 of 2 servers usable');
  daemon.controller.setServer('fe02', {
    health: 'down',
    usable: false,
    reason: '444 L4CON: Connection refused',
  });
  const { out } = await daemon.ask('status');
  expect(out.split('\n').slice(0, 2)).toEqual([
    'DEGRADED  All services answer, but only 1 of 2 servers usable',
    '  ✗ ocspool/fe02 (10.0.0.42) is down for 4m: 444 L4CON: Connection refused',
  ]);
  expect(JSON.parse((await daemon.ask('status --format json')).out)).toMatchObject({
    level: 'degraded',
    workers: 2,
  });
});

test('servers as a table and as the JSON of the API', async () => {
  await using daemon = await startDaemon();
  const { out } = await daemon.ask('servers --pool ocspool');
  expect(out.split('\n')[0]).toMatch(
    /^SERVER +ADDRESS +ADMIN +HEALTH +USABLE +WEIGHT +ACTIVE +TOTAL +SINCE +CHECKS$/,
  );
  expect(out).toMatch(
    /^ocspool\/fe01 +10\.0\.0\.41 +ready +up +yes +1 +3 +40 +4m +5061 L4OK 0ms, 444 L4OK 0ms$/m,
  );
  expect(JSON.parse((await daemon.ask('servers --format json')).out)).toEqual(daemon.controller.servers());
  const none = await daemon.ask('servers --pool other');
  expect([none.code, none.err]).toEqual([0, 'There is no real server.\n']);
});

test('one server alone, and what its probes saw', async () => {
  await using daemon = await startDaemon();
  const { out } = await daemon.ask('servers fe02');
  expect(out).toContain('ocspool/fe02');
  expect(out).not.toContain('fe01');
  const probes = await daemon.ask('servers fe02 --probes');
  expect(probes.out.split('\n')[0]).toMatch(/^SERVER +CHECK +AT +RESULT +TOOK +TEXT$/);
  expect(probes.out).toMatch(/^ocspool\/fe02 +tcp 444 +2026-03-01T02:00:00\.000Z +L4OK +0ms$/m);
  expect(probes.out).not.toContain('fe01');
  const all = JSON.parse((await daemon.ask('servers --probes --format json')).out);
  expect(all.map((s: { name: string }) => s.name)).toEqual(['fe01', 'fe02']);
  expect(all[0].checks).toEqual(daemon.controller.checks('ocspool/fe01'));
  daemon.controller.setServer('fe02', { checks: [] });
  expect((await daemon.ask('servers fe02 --probes')).err).toBe('No health check has run.\n');
  expect((await daemon.ask('servers fe03 --probes')).err).toContain('Did you mean fe01?');
});

test('what servers are called cannot act on the terminal', async () => {
  await using daemon = await startDaemon();
  daemon.controller.setServer('fe01', { reason: '\u001b]0;owned\u0007', usable: false });
  for (const line of ['status', 'servers', 'servers --format json']) {
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect((await daemon.ask(line)).out).not.toMatch(/[\u0007\u001b]/);
  }
});

test('connections are filtered by the daemon', async () => {
  await using daemon = await startDaemon();
  const { out } = await daemon.ask('connections --server fe02');
  expect(out).toMatch(
    /^c2 +ocs +192\.0\.2\.7:51031 +10\.0\.0\.40:5061 +ocspool\/fe02 .* 1m 1s +500ms +1\.2 KiB +87\.9 KiB$/m,
  );
  expect(out).not.toContain('c1');
  expect((await daemon.ask('connections --service other')).err).toBe('No connection is open.\n');
  expect((await daemon.ask('connections --limit 2')).err).toBe('');
  expect((await daemon.ask('connections --limit 1')).err).toBe(
    'There are more than the 1 shown; --limit shows more.\n',
  );
});

test('drain, ready, maint and weight change the server and show it', async () => {
  await using daemon = await startDaemon();
  const drained = await daemon.ask('drain fe01');
  expect(drained.out).toMatch(/^ocspool\/fe01 .* drain /m);
  expect(drained.err).toBe('3 connections still open; watch them end with: poolgate servers\n');
  await daemon.ask('ready ocspool/fe01');
  await daemon.ask('maint fe02');
  const weighed = await daemon.ask('weight fe02 3 --format json');
  expect(JSON.parse(weighed.out)).toMatchObject({ name: 'fe02', weight: 3, admin: 'maint' });
  expect(daemon.controller.asked).toEqual([
    'setAdmin ocspool/fe01 drain by api',
    'setAdmin ocspool/fe01 ready by api',
    'setAdmin ocspool/fe02 maint by api',
    'setWeight ocspool/fe02 3 by api',
  ]);
});

test('taking the last usable server out is warned of', async () => {
  await using daemon = await startDaemon();
  daemon.controller.setStatus({ pools: [{ name: 'ocspool', usable: 0, servers: 2 }] });
  const { code, err } = await daemon.ask('maint fe01');
  expect([code, err]).toEqual([
    0,
    expect.stringContaining('Warning: pool ocspool has no usable server left'),
  ]);
  expect((await daemon.ask('ready fe01')).err).toBe('');
});

test('a server that does not exist is refused with the one that was meant', async () => {
  await using daemon = await startDaemon();
  const { code, out, err } = await daemon.ask('drain fe03');
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain('There is no real server fe03. Did you mean fe01?');
  expect(daemon.controller.asked).toEqual([]);
});

test('plan and apply send the file and show the difference', async () => {
  await using daemon = await startDaemon();
  const same = await daemon.ask(['plan', file]);
  expect(same).toEqual({ code: 0, out: '', err: 'Nothing would change.\n' });
  daemon.controller.planning = () => [
    {
      action: 'change',
      what: 'pool ocspool / server fe01 / weight',
      from: '1',
      to: '2',
      applies: 'live',
      cuts: null,
    },
    {
      action: 'remove',
      what: 'pool ocspool / server fe02',
      from: null,
      to: null,
      applies: 'live',
      cuts: 'its 3 connections',
    },
  ];
  const { code, out, err } = await daemon.ask(['apply', file]);
  expect(code).toBe(0);
  expect(out).toBe(
    '~ pool ocspool / server fe01 / weight: 1 → 2\n- pool ocspool / server fe02   cuts its 3 connections\n',
  );
  expect(err).toBe('Applied 2 changes: 0 added, 1 changed, 1 removed; 1 change cuts open connections.\n');
  expect(daemon.controller.asked.at(-1)).toBe('apply version: 1\npools: {}\n by api');
});

test('a config that changed on disk is refused with what to do', async () => {
  await using daemon = await startDaemon();
  daemon.controller.planning = () => {
    throw new PoolgateError('CONFIG_CHANGED', 'The file /etc/poolgate.yaml changed on disk.');
  };
  const { code, err } = await daemon.ask(['apply', file]);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/changed on disk\.\n {2}hint: Somebody else edited/),
  ]);
});

test('config show gives the file as it is, and the effective values with their origin', async () => {
  await using daemon = await startDaemon();
  expect((await daemon.ask('config show')).out).toBe('version: 1\n');
  expect((await daemon.ask('config show --effective')).out).toMatch(/^defaults\.scheduler +wlc +schema$/m);
  expect(JSON.parse((await daemon.ask('config show --format json')).out)).toEqual({
    text: 'version: 1\n',
    hash: 'abc123',
  });
});

test('without a valid token it says where it looked', async () => {
  await using daemon = await startDaemon();
  const missing = await poolgate('status', { env: { POOLGATE_URL: daemon.env.POOLGATE_URL } });
  expect([missing.code, missing.out]).toEqual([1, '']);
  expect(missing.err).toContain(
    'Cannot read the token from /nonexistent/admin-token: there is no such file.',
  );
  expect((await daemon.ask('status', { env: { POOLGATE_TOKEN: 'wrong' } })).err).toContain(
    'The token is not valid.',
  );
  const named = await daemon.ask(`status --token-file ${directory}/none`);
  expect([named.code, named.err]).toEqual([1, expect.stringContaining(`${directory}/none`)]);
  await writeFile(join(directory, 'token'), 'secret\n');
  expect(
    (await daemon.ask(`status --token-file ${directory}/token`, { env: { POOLGATE_TOKEN: '' } })).code,
  ).toBe(0);
});

test('exit 3 when nothing answers, or something that is not Poolgate', async () => {
  const nothing = await poolgate('status --url http://127.0.0.1:1');
  expect([nothing.code, nothing.out]).toEqual([3, '']);
  expect(nothing.err).toContain('Cannot reach Poolgate at http://127.0.0.1:1');
  const other = createServer((_, response) => response.end('<html>'));
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const { port } = other.address() as { port: number };
  const answered = await poolgate(`servers --url http://127.0.0.1:${port}`);
  expect([answered.code, answered.err]).toEqual([3, expect.stringContaining('is not Poolgate')]);
  other.close();
});

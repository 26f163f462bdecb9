import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Bench } from './testing.ts';
import { config, readyBench, server, textOf } from './testing.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const b of benches.splice(0)) await b.end();
});

async function ready(): Promise<Bench> {
  const made = await readyBench();
  benches.push(made);
  return made;
}

const first = textOf(config());
const withThree = textOf(config({ realServers: [server('fe01'), server('fe02'), server('fe03')] }));
const withOne = textOf(config({ realServers: [server('fe01')] }));

function shown(b: Bench) {
  return b.controller
    .history()
    .map(({ number, actor, changes, current }) => ({ number, actor, changes, current }));
}

function names(b: Bench): string[] {
  return b.controller.servers().map((s) => s.name);
}

test('start, apply and reload are kept in order; what changes nothing is not', async () => {
  const b = await ready();
  await b.controller.apply(withThree, 'api');
  b.file.disk = withOne;
  await b.controller.reload('signal');
  await b.controller.reload('signal');
  await expect(b.controller.apply('{"bad"}', 'api')).rejects.toThrow('bad');
  const changes = 'pools: none → none';
  expect(shown(b)).toEqual([
    { number: 1, actor: 'start', changes: 'first start', current: false },
    { number: 2, actor: 'api', changes, current: false },
    { number: 3, actor: 'signal', changes, current: true },
  ]);
  expect(await b.controller.historyConfig(2)).toMatchObject({ text: withThree, since: [{ what: 'pools' }] });
  await expect(b.controller.historyConfig(4)).rejects.toMatchObject({ code: 'UNKNOWN_CONFIG' });
});

test('rollback goes to the one before, and once more to where it came from', async () => {
  const b = await ready();
  await b.controller.apply(withThree, 'api');
  expect(await b.controller.rollback(null, 'api')).toMatchObject([{ what: 'pools' }]);
  expect([b.file.disk, names(b)]).toEqual([first, ['fe01', 'fe02']]);
  expect(b.message('config-applied')).toBe('Rolled back to config 1, 1 change.');
  await b.controller.rollback(null, 'api');
  expect(names(b)).toEqual(['fe01', 'fe02', 'fe03']);
  expect(shown(b).map((e) => e.changes)).toEqual([
    'first start',
    'pools: none → none',
    'back to 1: pools: none → none',
    'back to 2: pools: none → none',
  ]);
  expect(shown(b).findIndex((e) => e.current)).toBe(3);
});

test('rollback to a number; to one that is not there and with nothing before it is refused', async () => {
  const b = await ready();
  await expect(b.controller.rollback(null, 'api')).rejects.toMatchObject({ code: 'UNKNOWN_CONFIG' });
  await b.controller.apply(withThree, 'api');
  await b.controller.apply(withOne, 'api');
  await b.controller.rollback(1, 'api');
  expect(names(b)).toEqual(['fe01', 'fe02']);
  await expect(b.controller.rollback(99, 'api')).rejects.toMatchObject({ code: 'UNKNOWN_CONFIG' });
  expect(await b.controller.rollback(1, 'api')).toEqual([]);
  expect(shown(b)).toHaveLength(4);
});

test.each<[string, (b: Bench) => void, string]>([
  ['the file changed on disk', (b) => (b.file.disk = `${withThree} `), 'CONFIG_CHANGED'],
  ['the plane refuses', (b) => b.plane.failApply(new Error('no room')), 'no room'],
  ['the file cannot be written', (b) => (b.file.failCommit = new Error('disk full')), 'disk full'],
])('rollback is refused as apply is: %s; nothing has changed then', async (_, upset, why) => {
  const b = await ready();
  await b.controller.apply(withThree, 'api');
  const plane = b.plane.state();
  upset(b);
  const refusal = await b.controller.rollback(null, 'api').catch((error: unknown) => error);
  expect(`${(refusal as { code?: string }).code} ${String(refusal)}`).toContain(why);
  expect(b.plane.state()).toEqual(plane);
  expect(names(b)).toEqual(['fe01', 'fe02', 'fe03']);
  expect(shown(b)).toHaveLength(2);
  expect(shown(b)[1]?.current).toBe(true);
});

test('a key that needs a restart cannot be rolled back live', async () => {
  const b = await ready();
  await b.controller.stop();
  b.file.disk = textOf(config({}, { admin: { host: '127.0.0.1', port: 9999 } }));
  const next = await b.restart();
  benches.push(next);
  await next.controller.start();
  await expect(next.controller.rollback(null, 'api')).rejects.toMatchObject({ code: 'RESTART_NEEDED' });
});

test('a restart goes on with the history; an edit made meanwhile is an entry, the same file is none', async () => {
  const b = await ready();
  await b.controller.apply(withThree, 'api');
  const same = await b.restart();
  benches.push(same);
  await same.controller.start();
  expect(shown(same)).toHaveLength(2);
  same.file.disk = withOne;
  const edited = await same.restart();
  benches.push(edited);
  await edited.controller.start();
  expect(shown(edited)).toMatchObject([
    { number: 1 },
    { number: 2, current: false },
    { number: 3, actor: 'start', changes: 'edited while it did not run: pools: none → none', current: true },
  ]);
  await edited.controller.rollback(2, 'api');
  expect(edited.file.disk).toBe(withThree);
});

test('ended between the file and the history: the next start makes up for it', async () => {
  const b = await ready();
  // As after a crash right behind the rename of the config file.
  b.file.disk = withThree;
  const next = await b.restart();
  benches.push(next);
  await next.controller.start();
  expect(await next.controller.historyConfig(1)).toMatchObject({ text: first, current: false });
  expect(await next.controller.historyConfig(2)).toMatchObject({ text: withThree, current: true });
});

test('a history that cannot be written keeps nobody from a change, is told of, and rolls back all the same', async () => {
  const b = await ready();
  await rm(join(b.stateDir, 'history'), { recursive: true });
  await writeFile(join(b.stateDir, 'history'), '');
  await b.controller.apply(withThree, 'api');
  expect(b.message('state-unsaved')).toMatch(/^The config is not in the history after a restart: /);
  await b.controller.apply(withOne, 'api');
  await b.controller.rollback(null, 'api');
  expect(names(b)).toEqual(['fe01', 'fe02', 'fe03']);
});

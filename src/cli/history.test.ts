import { expect, test } from 'vitest';
import { PoolgateError } from '../lib/errors.ts';
import type { PlanStep } from '../state/contract.ts';
import { startDaemon } from './testing.ts';

const step: PlanStep = {
  action: 'remove',
  what: 'pool ocspool / server fe03',
  from: '10.0.0.43',
  to: null,
  applies: 'live',
  cuts: 'the connections to fe03',
};

test('history as a table with the running one marked, and as the JSON of the API', async () => {
  await using daemon = await startDaemon();
  const { out } = await daemon.ask('history');
  const lines = out.split('\n');
  expect(lines[0]).toMatch(/^ +NUMBER +WHEN +WHO +HASH +CHANGED$/);
  expect(lines[2]).toMatch(
    /^ +2 +2026-03-01 02:00:00Z +api +2222222222 +pool ocspool \/ server fe01 \/ weight: 1 → 5$/,
  );
  expect(lines.filter((line) => line.startsWith('*'))).toEqual([expect.stringMatching(/^\* +3 /)]);
  expect(JSON.parse((await daemon.ask('history --format json')).out)).toEqual(daemon.controller.history());
});

test('history N gives the text as it was; --since what has changed', async () => {
  await using daemon = await startDaemon();
  daemon.controller.planning = () => [step];
  expect(await daemon.ask('history 2')).toMatchObject({ code: 0, out: 'version: 1 # 2\n', err: '' });
  const since = await daemon.ask('history 2 --since');
  expect(since.out).toBe('- pool ocspool / server fe03: 10.0.0.43   cuts the connections to fe03\n');
  expect(since.err).toMatch(/^Since then 1 change: /);
  expect(await daemon.ask('history 1 --since')).toMatchObject({ code: 1, out: '' });
  expect(await daemon.ask('history --since')).toMatchObject({ code: 2, out: '' });
  expect(await daemon.ask('history 9')).toMatchObject({
    code: 1,
    err: 'poolgate: There is no config 9.\n  hint: `poolgate history` lists the numbers.\n',
  });
  expect((await daemon.ask('history 0')).code).toBe(2);
});

test('rollback shows the plan as apply does; --dry-run asks for the plan alone', async () => {
  await using daemon = await startDaemon();
  daemon.controller.planning = () => [step];
  const dry = await daemon.ask('rollback --dry-run');
  expect(dry.err).toBe(
    'Would make 1 change: 0 added, 0 changed, 1 removed; 1 change cuts open connections.\n',
  );
  expect(daemon.controller.asked).toEqual(['plan version: 1 # 2\n']);
  const done = await daemon.ask('rollback');
  expect([done.code, done.out]).toEqual([0, dry.out]);
  expect(done.err).toMatch(/^Rolled back: 1 change: /);
  await daemon.ask('rollback 1');
  expect(daemon.controller.asked.slice(1)).toEqual([
    'rollback to the one before by api',
    'rollback 1 by api',
  ]);
});

test('a refused rollback says why and what to do', async () => {
  await using daemon = await startDaemon();
  daemon.controller.planning = () => {
    throw new PoolgateError('RESTART_NEEDED', 'admin.listen: cannot change while running.');
  };
  expect(await daemon.ask('rollback')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('cannot change while running.\n  hint: Put the new value'),
  });
});

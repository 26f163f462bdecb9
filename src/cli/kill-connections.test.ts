import { expect, test } from 'vitest';
import { poolgate, startDaemon } from './testing.ts';

test('resets those that match and says how many', async () => {
  await using daemon = await startDaemon();
  const { asked } = daemon.controller;
  expect(await daemon.ask('connections --kill --client 192.0.2.7 --server fe02 --idle-over 100ms')).toEqual({
    code: 0,
    out: '1 connection reset.\n',
    err: '',
  });
  expect(asked.splice(0)).toEqual([
    'reset {"pool":"ocspool","realServer":"fe02","client":"192.0.2.7","idleOverMs":100} by api',
  ]);
  expect((await daemon.ask('connections --kill --port 5061 --format json')).out).toBe('{\n  "reset": 2\n}\n');
  expect((await daemon.ask('connections --kill --service other')).out).toBe(
    'No connection matches; nothing was reset.\n',
  );
});

test('where somebody can be asked, asks with the number first; only yes goes on', async () => {
  await using daemon = await startDaemon();
  const { asked } = daemon.controller;
  const no = await daemon.ask('connections --kill --client 192.0.2.0/24', { answer: false });
  expect([no.code, no.out]).toEqual([1, '']);
  expect(no.err).toBe('Reset 2 connections (client 192.0.2.0/24)? [y/N] Nothing was reset.\n');
  expect(asked).toEqual([]);
  const yes = await daemon.ask('connections --kill --all', { answer: true });
  expect(yes.err).toBe('Reset 2 connections (ALL of them)? [y/N] ');
  expect(yes.out).toBe('2 connections reset.\n');
  const unasked = await daemon.ask('connections --kill --all --yes', { answer: false });
  expect([unasked.code, unasked.err]).toEqual([0, '']);
  expect(asked).toEqual(['reset {} by api', 'reset {} by api']);
});

test('nobody kills everything by accident', async () => {
  await using daemon = await startDaemon();
  for (const [line, words] of [
    ['connections --kill', 'needs a filter'],
    ['connections --kill --yes', 'needs a filter'],
    ['connections --kill --all', 'needs --yes'],
    ['connections --kill --all --pool ocspool', 'contradict'],
    ['connections --kill --pool ocspool --limit 5', '--limit is for lists'],
    ['connections --all', 'go with --kill'],
  ] as const) {
    const { code, err } = await daemon.ask(line);
    expect([line, code, err]).toEqual([line, 2, expect.stringContaining(words)]);
  }
  expect(await daemon.ask('connections --kill --server fe03')).toMatchObject({ code: 1 });
  expect(daemon.controller.asked).toEqual([]);
});

test.each([
  ['--client fe01', 'It must be an address, or a network such as 192.0.2.0/24.'],
  ['--client 192.0.2.0/33', 'It must be an address'],
  ['--vip 10.0.0.40:443', 'It must be an address.'],
  ['--port 0', 'whole number from 1 to 65535'],
  ['--idle-over 30', 'It must be a duration such as 30s, 5m or 1h.'],
  ['--age-over 1d', 'It must be a duration'],
])('%s is refused before anything is asked', async (option, words) => {
  const { code, err } = await poolgate(`connections ${option}`);
  expect([code, err]).toEqual([2, expect.stringContaining(words)]);
});

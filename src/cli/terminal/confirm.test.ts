import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { confirmOn } from './confirm.ts';

function terminal(isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => {} });
  const output = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  let asked = 0;
  const answer = confirmOn(input as unknown as ReadStream, output as unknown as WriteStream, async () => {
    asked++;
    return 'Reset 2 connections? [y/N] ';
  });
  return { input, output, answer, asked: () => asked };
}

test.each([
  ['y\n', true],
  ['Yes\n', true],
  [' y \n', true],
  ['\n', false],
  ['n\n', false],
  ['yeah\n', false],
  ['\u0003', false],
  ['\u0004', false],
])('%j: %s', async (typed, agreed) => {
  const t = terminal(true);
  t.input.write(typed);
  expect(await t.answer).toBe(agreed);
  expect(String(t.output.read())).toContain('Reset 2 connections? [y/N] ');
});

test('the end of the input does not agree; without a terminal nobody is asked', async () => {
  const gone = terminal(true);
  gone.input.end();
  expect(await gone.answer).toBe(false);
  const none = terminal(false);
  expect([await none.answer, none.asked()]).toEqual([null, 0]);
});

import { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { keysOf, Screen } from './screen.ts';

/** A terminal of 3 rows that remembers what is written to it, and whether it is raw. */
function terminal() {
  const written: string[] = [];
  const keys: string[] = [];
  const raw: boolean[] = [];
  const output = Object.assign(new EventEmitter(), {
    columns: 40,
    rows: 3,
    write: (text: string) => written.push(text),
  });
  const input = Object.assign(new EventEmitter(), {
    setRawMode: (on: boolean) => raw.push(on),
    resume: () => {},
    pause: () => {},
  });
  const screen = new Screen({
    output: output as unknown as WriteStream,
    input: input as unknown as ReadStream,
    onKey: (key) => keys.push(key),
    onResize: () => {},
  });
  return { screen, input, output, keys, raw, taken: () => written.splice(0).join('') };
}

test('draws what changed, and nothing when nothing did', () => {
  const { screen, output, taken } = terminal();
  screen.draw(['one', 'two', 'three']);
  taken();
  screen.draw(['one', 'TWO', 'three']);
  expect(taken()).toBe('\u001b[?2026h\u001b[2;1HTWO\u001b[?2026l');
  screen.draw(['one', 'TWO', 'three']);
  expect(taken()).toBe('');
  output.emit('resize');
  screen.draw(['one', 'TWO', 'three']);
  expect(taken()).toMatch(/2J.*one.*TWO.*three/);
  screen.close();
});

test('gives the terminal back as it was, once, and draws no more', () => {
  const exits = process.listenerCount('exit');
  const { screen, input, output, keys, raw, taken } = terminal();
  expect(taken()).toContain('\u001b[?1049h\u001b[?25l');
  input.emit('data', Buffer.from('f'));
  screen.close();
  expect(taken()).toContain('\u001b[?25h\u001b[?1049l');
  screen.close();
  screen.draw(['late']);
  input.emit('data', Buffer.from('q'));
  expect([taken(), keys, raw]).toEqual(['', ['f'], [true, false]]);
  expect([output.listenerCount('resize'), process.listenerCount('exit')]).toEqual([0, exits]);
});

test('keys that arrive together are told apart', () => {
  expect(keysOf('q\u001b[Af\u0003')).toEqual(['q', '\u001b[A', 'f', '\u0003']);
});

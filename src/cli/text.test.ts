import { expect, test } from 'vitest';
import { bytes, duration, jsonText, paint, printable, printableLines } from './text.ts';

test('nothing that acts on a terminal gets through', () => {
  expect(printable('a\u001b[31mb\u009bc\u202ed\ne')).toBe(String.raw`a\u001b[31mb\u009bc\u202ed\u000ae`);
  expect(printableLines('a\n\tb\r')).toBe('a\n\tb\\u000d');
  expect(printable('Zürich fe01 ✗')).toBe('Zürich fe01 ✗');
});

test('JSON stays JSON and is safe to show', () => {
  const value = { name: 'a\u001b\u009b\u202e\n', list: [1] };
  const text = jsonText(value);
  expect(JSON.parse(text)).toEqual(value);
  // oxlint-disable-next-line no-control-regex -- what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('durations have two units at most', () => {
  const cases: readonly [number, string][] = [
    [-5, '0ms'],
    [850.4, '850ms'],
    [1000, '1s'],
    [59_999, '59s'],
    [250_000, '4m 10s'],
    [3_600_000, '1h'],
    [273_600_000, '3d 4h'],
    [86_460_000, '1d'],
  ];
  expect(cases.map(([ms]) => duration(ms))).toEqual(cases.map(([, text]) => text));
});

test('bytes', () => {
  expect([0, 1023, 1024, 1_500_000, 250 * 1024 ** 3].map(bytes)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.4 MiB',
    '250 GiB',
  ]);
});

test('colour only when enabled', () => {
  expect([paint('x', 'red', true), paint('x', 'red', false), paint('x', null, true)]).toEqual([
    '\u001b[31mx\u001b[0m',
    'x',
    'x',
  ]);
});

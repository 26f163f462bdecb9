import { expect, it } from 'vitest';
import { isAny, parseEndpoint, parseSize, parseTime } from './values.ts';

const at = (host: string, first?: number, last = first) => ({
  kind: 'socket',
  host,
  ports: first === undefined ? { kind: 'none' } : { kind: 'range', first, last },
});

it.each([
  ['10.0.0.1:80', at('10.0.0.1', 80)],
  ['*:80-90', at('*', 80, 90)],
  [':80', at('', 80)],
  [':::443', at('::', 443)],
  ['[::1]:443', at('::1', 443)],
  ['::1:443', at('::1', 443)],
  ['[2001:db8::1]', at('2001:db8::1')],
  ['2001:db8::1', at('2001:db8::1')],
  ['ipv4@10.0.0.1:5', at('10.0.0.1', 5)],
  ['tcp6@[::1]:5', at('::1', 5)],
  ['fe01', at('fe01')],
  ['fe01:+1000', { kind: 'socket', host: 'fe01', ports: { kind: 'offset', by: 1000 } }],
  ['fe01:-1', { kind: 'socket', host: 'fe01', ports: { kind: 'offset', by: -1 } }],
  ['/run/x.sock', { kind: 'other', what: 'a Unix socket' }],
  ['quic4@:443', { kind: 'other', what: 'QUIC' }],
  ['10.0.0.1:0', { kind: 'bad' }],
  ['10.0.0.1:65536', { kind: 'bad' }],
  ['10.0.0.1:90-80', { kind: 'bad' }],
  ['10.0.0.1:http', { kind: 'bad' }],
  ['ipv4@', { kind: 'bad' }],
])('the address %s', (text, expected) => {
  expect(parseEndpoint(text)).toMatchObject(expected);
});

it.each([
  ['2000', 2000],
  ['30s', 30_000],
  ['1d', 86_400_000],
  ['1us', 1],
  ['soon', null],
  ['-1', null],
  [undefined, null],
])('the time %s', (text, ms) => {
  expect(parseTime(text)).toBe(ms);
});

it('sizes are in 1024, whatever they count', () => {
  expect([parseSize('10240k'), parseSize('1m'), parseSize('7'), parseSize('k')]).toEqual([
    10_485_760,
    1_048_576,
    7,
    null,
  ]);
});

it('every address has several names', () => {
  expect(['', '*', '0.0.0.0', '::'].every(isAny)).toBe(true);
  expect(isAny('10.0.0.1')).toBe(false);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentLength, type Head, takeHead, valuesOf } from './message-head.ts';

function complete(text: string): Head {
  const found = takeHead(Buffer.from(text));
  if (found.state !== 'complete') throw new Error(found.state);
  return found.head;
}

test.each([
  ['CRLF', 'A b\r\nX: 1\r\n\r\nrest'],
  ['bare LF', 'A b\nX: 1\n\nrest'],
  ['keep-alives before it', '\r\n\r\n\r\nA b\r\nX: 1\r\n\r\nrest'],
  ['space around the colon', 'A b\r\nX  :\t 1 \r\n\r\nrest'],
])('%s', (_, text) => {
  const found = takeHead(Buffer.from(text));
  expect(found).toMatchObject({ state: 'complete', head: { first: 'A b', headers: [['x', '1']] } });
  expect(found.state === 'complete' && found.rest.toString()).toBe('rest');
});

test('folded lines are joined', () => {
  expect(complete('A\r\nSubject: one\r\n  two\r\n\tthree\r\n\r\n').headers).toEqual([
    ['subject', 'one two three'],
  ]);
});

test.each(['no colon', ': no name', 'na me: x', 'näme: x'])('a line that is no header: %s', (line) => {
  expect(takeHead(Buffer.from(`A b\r\n${line}\r\n\r\n`)).state).toBe('malformed');
});

test('a header of blanks takes no more time than any other', () => {
  const blanks = Buffer.from(`A\r\nX: y${' '.repeat(1_000_000)}z\r\n\r\n`);
  const started = performance.now();
  expect(takeHead(blanks).state).toBe('complete');
  // Quadratic time would be minutes.
  expect(performance.now() - started).toBeLessThan(5000);
});

test('what begins wrong is seen before the head is complete', () => {
  expect(takeHead(Buffer.from('SSH-2.0-x\r\n'))).toMatchObject({ state: 'more', first: 'SSH-2.0-x' });
  expect(takeHead(Buffer.from('SSH-2.0'))).toMatchObject({ state: 'more', first: null });
});

test.each([
  ['', null],
  ['Content-Length: 5\r\n', 5],
  ['Content-Length: 5\r\nl: 5\r\n', 5],
  ['Content-Length: 5\r\nl: 6\r\n', Number.NaN],
  ['Content-Length: -5\r\n', Number.NaN],
  ['Content-Length: 0x10\r\n', Number.NaN],
  ['Content-Length: 99999999999999999999\r\n', Number.NaN],
])('content length of %j is %j', (headers, length) => {
  expect(contentLength(complete(`A\r\n${headers}X: y\r\n\r\n`), 'content-length', 'l')).toBe(length);
});

test('any bytes: never throws, never makes bytes up', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const found = takeHead(Buffer.from(bytes));
      const rest = found.state === 'malformed' ? '' : found.rest.toString('latin1');
      expect(Buffer.from(bytes).toString('latin1').endsWith(rest)).toBe(true);
    }),
  );
});

test('a head cut anywhere is not complete, and whole it is what was written', () => {
  const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,10}$/);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(token, value), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      (headers, cut) => {
        const text = `FIRST line\r\n${headers.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`;
        const head = complete(text);
        expect(head.headers).toEqual(headers.map(([n, v]) => [n.toLowerCase(), v]));
        for (const [name] of headers) expect(valuesOf(head, name.toLowerCase())).not.toEqual([]);
        expect(takeHead(Buffer.from(text.slice(0, cut % text.length))).state).toBe('more');
      },
    ),
  );
});

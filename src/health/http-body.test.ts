import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LARGEST_BODY, type Progress, searchBody } from './http-body.ts';
import type { Head } from './message-head.ts';

const head = (...headers: [string, string][]): Head => ({ first: 'HTTP/1.1 200 OK', headers });
const CHUNKED = head(['transfer-encoding', 'chunked']);
const wanted = Buffer.from('ready');

/** Gives the text in pieces of this size, and the end of the connection if nothing came of it. */
function search(of: Head, text: string, size = 7): Progress {
  const body = searchBody(of, wanted);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    const progress = body.take(bytes.subarray(at, at + size));
    if (progress !== 'more') return progress;
  }
  return body.end();
}

test.each<[string, Head, string, Progress]>([
  ['to the end of the connection', head(), 'all is ready here', 'found'],
  ['to the end of the connection', head(), 'nothing', 'absent'],
  ['by length', head(['content-length', '5']), 'ready', 'found'],
  ['by length, what comes after is not the body', head(['content-length', '4']), 'ready', 'absent'],
  ['by length, cut off', head(['content-length', '40']), 'nothing', 'malformed'],
  ['by a length that is none', head(['content-length', '4x']), 'ready', 'malformed'],
  ['by two lengths', head(['content-length', '4'], ['content-length', '5']), 'ready', 'malformed'],
  ['in chunks', CHUNKED, '5\r\nready\r\n0\r\n\r\n', 'found'],
  ['in chunks, across two', CHUNKED, '3\r\nrea\r\n2;x=y\r\ndy\r\n0\r\n\r\n', 'found'],
  ['in chunks, not there', CHUNKED, '3\r\nrea\r\n0\r\n\r\n', 'absent'],
  ['in chunks, only in an extension', CHUNKED, '1;ready\r\na\r\n0\r\n\r\n', 'absent'],
  ['in chunks, cut off', CHUNKED, '3\r\nre', 'malformed'],
  ['in chunks whose size is none', CHUNKED, 'zz\r\nready\r\n', 'malformed'],
  ['in chunks that are longer than they say', CHUNKED, '2\r\nready\r\n0\r\n\r\n', 'malformed'],
  ['in chunks of a huge size', CHUNKED, 'fffffffff\r\nready', 'malformed'],
  ['in chunks with an endless line', CHUNKED, `1;${'x'.repeat(5000)}`, 'malformed'],
  [
    'in chunks, whatever length is said',
    head(['content-length', '1'], ['transfer-encoding', 'Chunked']),
    '5\r\nready\r\n',
    'found',
  ],
])('%s: %#', (_, of, text, progress) => {
  for (const size of [1, 2, 7, 10_000]) expect(search(of, text, size)).toBe(progress);
});

test('an endless body is given up', () => {
  expect(search(head(), 'x'.repeat(2 * LARGEST_BODY), 65_536)).toBe('too large');
  expect(search(head(), `${'x'.repeat(LARGEST_BODY)}ready`, 65_536)).toBe('too large');
  expect(search(head(), `${'x'.repeat(LARGEST_BODY - 5)}ready`, 65_536)).toBe('found');
});

test('an endless body of few bytes and long extensions is given up too', () => {
  const framed = `1;${'x'.repeat(1000)}\r\na\r\n`.repeat(1000);
  expect(search(CHUNKED, framed, 65_536)).toBe('too large');
});

test('in whatever chunks and pieces it comes, it is found if and only if it is there', () => {
  const letter = fc.constantFrom(...'ready');
  fc.assert(
    fc.property(
      fc.array(fc.array(letter, { minLength: 1, maxLength: 6 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }),
      (chunks, size) => {
        const texts = chunks.map((c) => c.join(''));
        const framed = `${texts.map((c) => `${c.length.toString(16)}\r\n${c}\r\n`).join('')}0\r\n\r\n`;
        expect(search(CHUNKED, framed, size)).toBe(texts.join('').includes('ready') ? 'found' : 'absent');
      },
    ),
  );
});

test('any bytes: never throws', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (pieces) => {
      for (const of of [CHUNKED, head(), head(['content-length', '30'])]) {
        const body = searchBody(of, wanted);
        for (const piece of pieces) body.take(Buffer.from(piece));
        body.end();
      }
    }),
  );
});

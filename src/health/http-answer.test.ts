import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_HTTP_WISHES } from '../model/effective.ts';
import { readAnswer } from './http-answer.ts';
import type { Verdict } from './verdict.ts';

/** Gives the bytes in pieces; the verdict, or what the end of the connection makes of it. */
function read(bytes: Buffer, cuts: readonly number[] = [], expectBody: string | null = null): Verdict {
  const answer = readAnswer({ ...NO_HTTP_WISHES, expectBody });
  const places = [...new Set(cuts.map((c) => c % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    const verdict = answer.heard(bytes.subarray(from, to));
    if (verdict) return verdict;
    from = to;
  }
  return answer.ended();
}

test('however it is torn, the same is read', () => {
  const status = fc.integer({ min: 200, max: 599 });
  const framing = fc.constantFrom(
    'Content-Length: 10\r\n\r\nI am ready',
    '\r\nI am ready',
    'Transfer-Encoding: chunked\r\n\r\n6\r\nI am r\r\n4\r\neady\r\n0\r\n\r\n',
  );
  const before = fc.array(fc.constantFrom('\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), {
    maxLength: 3,
  });
  const cuts = fc.array(fc.nat(), { maxLength: 20 });
  fc.assert(
    fc.property(before, status, framing, cuts, (first, code, rest, where) => {
      const bytes = Buffer.from(`${first.join('')}HTTP/1.1 ${code} Said\r\nServer: x\r\n${rest}`);
      const result = code < 400 ? 'L7OK' : 'L7STS';
      expect(read(bytes, where).result).toBe(result);
      expect(read(bytes, where, 'ready').result).toBe(result);
      expect(read(bytes, where, 'steady').result).toBe(code < 400 ? 'L7RSP' : 'L7STS');
    }),
  );
});

test('cut short before the end of its headers, it is no answer', () => {
  const whole = Buffer.from('HTTP/1.1 200 OK\r\nServer: x\r\n\r\n');
  for (let length = 0; length < whole.length; length += 1) {
    expect(read(whole.subarray(0, length)).result).toBe('L7RSP');
  }
});

test('any bytes: never throws; good only after a status line', () => {
  const line = fc.constantFrom(
    'HTTP/1.1 200 OK',
    'HTTP/1.1 100 x',
    'A: b',
    '',
    ' folded',
    'Transfer-Encoding: chunked',
    'ff',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.uint8Array({ maxLength: 30 })), { maxLength: 30 }), (pieces) => {
      const bytes = Buffer.concat(
        pieces.map((p) => (typeof p === 'string' ? Buffer.from(`${p}\r\n`) : Buffer.from(p))),
      );
      const verdict = read(bytes, [1, 20, 60], 'b');
      expect(verdict.good === false || bytes.includes('HTTP/1.1 200 OK\r\n')).toBe(true);
    }),
    { numRuns: 500 },
  );
});

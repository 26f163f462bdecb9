import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSip, type Transaction } from './sip-answer.ts';
import type { Verdict } from './verdict.ts';

const OWN: Transaction = { branch: 'z9hG4bKabc', callId: 'id@poolgate', cseq: 7 };

const message = (first: string, more = '', body = ''): string =>
  `${first}\r\nVia: SIP/2.0/TCP 10.0.0.5:4000;branch=z9hG4bKabc;rport\r\nFrom: <sip:a@b>;tag=1\r\n` +
  `To: <sip:c@d>;tag=2\r\nCall-ID: id@poolgate\r\nCSeq: 7 OPTIONS\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

/** Gives the bytes in pieces; the verdict, or what the end of the connection makes of it. */
function read(
  bytes: Buffer,
  cuts: readonly number[] = [],
  expected: readonly number[] | null = null,
): Verdict {
  const reader = readSip(OWN, expected);
  const places = [...new Set(cuts.map((c) => c % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    const verdict = reader.heard(bytes.subarray(from, to));
    if (verdict) return verdict;
    from = to;
  }
  return reader.ended();
}

test('however it is torn, the same is read', () => {
  const status = fc.integer({ min: 200, max: 699 });
  const before = fc.array(
    fc.constantFrom(
      '\r\n\r\n',
      message('SIP/2.0 100 Trying'),
      message('SIP/2.0 183 x', '', 'SIP/2.0 200 OK\r\n\r\n'),
      message('OPTIONS sip:x SIP/2.0', 'X: y\r\n z\r\n', 'body'),
      message('SIP/2.0 200 OK').replaceAll('id@poolgate', 'other'),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(before, status, fc.array(fc.nat(), { maxLength: 20 }), (first, code, cuts) => {
      const bytes = Buffer.from(first.join('') + message(`SIP/2.0 ${code} Said`));
      expect(read(bytes, cuts)).toEqual({ result: 'L7OK', good: true, text: `${code} Said` });
      expect(read(bytes, cuts, [100 + code]).result).toBe('L7STS');
    }),
  );
});

test('an answer cut short is never taken for one', () => {
  const whole = Buffer.from(message('SIP/2.0 200 OK', 'Subject: x\r\n'));
  for (let length = 0; length < whole.length; length += 1) {
    expect(read(whole.subarray(0, length)).good).toBe(false);
  }
});

test('any one byte changed to any other: good only when the answer still is one', () => {
  const whole = Buffer.from(message('SIP/2.0 200 OK', 'Subject: x\r\n'));
  const wrong: string[] = [];
  for (let at = 0; at < whole.length; at += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      const text = bytes.toString('latin1');
      const kept = [/branch=z9hG4bKabc/i, /id@poolgate/, /7[ \t]OPTIONS/].every((own) => own.test(text));
      if (read(bytes).good && !kept) wrong.push(text);
    }
  }
  expect(wrong).toEqual([]);
});

test('any bytes: never throws, never good', () => {
  const line = fc.constantFrom(
    'SIP/2.0 200 OK',
    'Via:',
    'Call-ID: id@poolgate',
    ' x',
    '\0',
    'CSeq: 7 OPTIONS',
    '',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 30 }), line), { maxLength: 30 }), (pieces) => {
      const bytes = pieces.map((p) => (typeof p === 'string' ? Buffer.from(`${p}\r\n`) : Buffer.from(p)));
      expect(read(Buffer.concat(bytes), [3, 50]).good).toBe(false);
    }),
  );
});

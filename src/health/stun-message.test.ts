import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bindingRequest, readAnswer } from './stun-message.ts';

/** RFC 5769 2.2 and 2.3: responses with their integrity and fingerprint; transaction b7e7a701 bc34d686 fa87dfae. */
const TRANSACTION = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex');
const IPV4 = Buffer.from(
  '0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643' +
    '000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96',
  'hex',
);
const IPV6 = Buffer.from(
  '010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a147' +
    '0113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c',
  'hex',
);

test.each([
  ['IPv4', IPV4],
  ['IPv6', IPV6],
])('the test vector of RFC 5769 (%s)', (_, datagram) => {
  expect(readAnswer(datagram, TRANSACTION)).toEqual({ kind: 'success' });
});

test('a Binding request is a header with the magic cookie and nothing else', () => {
  expect(bindingRequest(TRANSACTION).toString('hex')).toBe('000100002112a442b7e7a701bc34d686fa87dfae');
});

test('one bit changed before the integrity: the fingerprint sees it', () => {
  const bits = IPV4.indexOf(Buffer.from('00080014', 'hex')) * 8;
  for (let bit = 0; bit < bits; bit += 1) {
    const datagram = Buffer.from(IPV4);
    datagram[bit >> 3] = (datagram[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(readAnswer(datagram, TRANSACTION).kind).toBe('other');
  }
});

test('cut short, or with more after it, it is no answer', () => {
  for (let length = 0; length < IPV6.length; length += 1) {
    expect(readAnswer(IPV6.subarray(0, length), TRANSACTION).kind).toBe('other');
  }
  expect(readAnswer(Buffer.concat([IPV6, Buffer.alloc(4)]), TRANSACTION).kind).toBe('other');
});

test('any attributes: never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('0101', '0111', '0001'), (body, type) => {
      const transaction = randomBytes(12);
      const header = bindingRequest(transaction);
      header.write(type, 0, 'hex');
      const padded = body.subarray(0, body.length - (body.length % 4));
      header.writeUInt16BE(padded.length, 2);
      expect(readAnswer(Buffer.concat([header, padded]), transaction)).toHaveProperty('kind');
    }),
  );
});

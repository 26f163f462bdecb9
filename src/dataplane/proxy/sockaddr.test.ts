import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSockaddr, formatSockaddr, joinHostPort, setSockaddrPort } from './sockaddr.ts';

test.each([
  ['192.0.2.7', 5061, '192.0.2.7:5061'],
  ['2001:db8::1', 443, '[2001:db8::1]:443'],
  ['::', 0, '[::]:0'],
  ['::1', 65535, '[::1]:65535'],
  ['2001:db8:0:0:1:0:0:1', 80, '[2001:db8::1:0:0:1]:80'],
  ['64:ff9b::192.0.2.33', 80, '[64:ff9b::c000:221]:80'],
])('%s port %i there and back', (address, port, text) => {
  expect(formatSockaddr(encodeSockaddr(address, port))).toBe(text);
});

test('every address and port comes back', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 65535 }), (address, port) => {
      const bytes = encodeSockaddr(address, 1);
      setSockaddrPort(bytes, port);
      expect(formatSockaddr(bytes)).toBe(
        joinHostPort(new URL(`http://${joinHostPort(address, 1)}`).hostname.replaceAll(/[[\]]/g, ''), port),
      );
    }),
  );
});

test.each(['', 'fe01', '10.0.0', '10.0.0.256', 'fe80::1%eth0', '10.0.0.1:5061'])('refuses %j', (address) => {
  expect(() => encodeSockaddr(address, 1)).toThrow(RangeError);
});

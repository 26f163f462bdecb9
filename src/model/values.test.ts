import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { formatListen, isLoopback, parseListen } from './listen.ts';
import { formatRange, parsePortRange, toRange } from './ports.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5000],
    ['30m', 1_800_000],
    ['1h', 3_600_000],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '5', '5 s', '-1s', '1.5h', '05s', '1h30m', '5S', '1d', '9999999999s', '5s\n'])(
    'refuses %j',
    (text) => expect(parseDuration(text)).toBeNull(),
  );

  it('come back from their text', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('addresses', () => {
  it.each([
    ['10.0.0.41', '10.0.0.41', 4],
    ['127.0.0.1', '127.0.0.1', 4],
    ['2001:DB8:0:0:0:0:0:41', '2001:db8::41', 6],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1', 6],
    ['::1', '::1', 6],
  ])('%s is %s', (text, address, family) => {
    expect(parseAddress(text)).toEqual({ ok: true, address, family });
  });

  it.each([
    ['0.0.0.0', 'any address'],
    ['::', 'any address'],
    ['0:0:0:0:0:0:0:0', 'any address'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::ffff:10.0.0.1', 'IPv4 address in IPv6'],
    ['0:0:0:0:0:ffff:a00:1', 'IPv4 address in IPv6'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'zone'],
    ['10.0.0.0/24', 'prefix'],
    ['2001:db8::/32', 'prefix'],
    ['10.0.0.1:5061', 'port'],
    ['[::1]:443', 'port'],
    ['[2001:db8::1]', 'brackets'],
    ['fe01.contoso.com', 'name'],
    ['010.0.0.1', 'not an IP address'],
    ['10.0.0', 'not an IP address'],
    ['', 'not an IP address'],
  ])('refuses %j: %s', (text, problem) => {
    expect(parseAddress(text)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('says which IPv4 address was meant', () => {
    expect(parseAddress('::ffff:10.0.0.1')).toMatchObject({ hint: 'Write 10.0.0.1.' });
  });

  it('are canonical once and for all', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const once = parseAddress(text);
        fc.pre(once.ok);
        expect(parseAddress(once.address)).toEqual(once);
      }),
    );
  });
});

describe('addresses to listen on', () => {
  it.each([
    ['127.0.0.1:9080', '127.0.0.1', 9080],
    ['localhost:0', '127.0.0.1', 0],
    ['[::1]:9080', '::1', 9080],
    ['[0:0:0:0:0:0:0:1]:1', '::1', 1],
    ['0.0.0.0:80', '0.0.0.0', 80],
  ])('%s', (text, host, port) => {
    expect(parseListen(text)).toEqual({ host, port });
    expect(parseListen(formatListen({ host, port }))).toEqual({ host, port });
  });

  it.each(['9080', ':9080', '::1:9080', '127.0.0.1', '127.0.0.1:65536', 'host:1', '[::1%lo]:1', '[::1]'])(
    'refuses %j',
    (text) => expect(parseListen(text)).toBeNull(),
  );

  it('knows loopback', () => {
    expect(['127.0.0.1', '127.8.9.1', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '2001:db8::1'].some(isLoopback)).toBe(false);
  });
});

describe('ports', () => {
  it.each([
    ['50000-50019', { first: 50_000, last: 50_019 }],
    ['5061', { first: 5061, last: 5061 }],
    [' 1 - 65535 ', { first: 1, last: 65_535 }],
  ])('%s', (text, range) => expect(parsePortRange(text)).toEqual(range));

  it.each(['', '0', '0-5', '9-3', '1-65536', '1-', '-1', '1-2-3', 'a-b', '1,2'])('refuses %j', (text) =>
    expect(parsePortRange(text)).toBeNull(),
  );

  it('says ranges as the file would', () => {
    expect(formatRange(toRange(5061))).toBe('5061');
    expect(formatRange(toRange('50000-50019'))).toBe('50000-50019');
    expect(formatRange(toRange({ port: 443, serverPort: 4443 }))).toBe('443 to 4443');
    expect(formatRange(toRange({ port: '10-12', serverPort: 20 }))).toBe('10-12 to 20-22');
  });
});

import { describe, expect, test } from 'vitest';
import { addressOf, clientTest, selects } from './connection-filter.ts';
import type { Connection, ConnectionFilter } from './dataplane.ts';

describe('clients', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7:51034', true],
    ['192.0.2.7', '192.0.2.70:51034', false],
    ['192.0.2.7', '[::ffff:192.0.2.7]:51034', false],
    ['192.0.2.0/24', '192.0.2.255:1', true],
    ['192.0.2.9/24', '192.0.2.1:1', true],
    ['192.0.2.0/24', '192.0.3.0:1', false],
    ['192.0.2.128/25', '192.0.2.127:1', false],
    ['0.0.0.0/0', '203.0.113.1:1', true],
    ['0.0.0.0/0', '[2001:db8::1]:1', false],
    ['2001:DB8::/32', '[2001:db8:ffff::1]:1', true],
    ['2001:db8::7', '[2001:db8::8]:1', false],
    ['2001:db8::7', '[2001:db8:0::7]:1', true],
    ['192.0.2.7', '', false],
  ])('%s and %s: %s', (clients, endpoint, expected) => {
    expect(clientTest(clients)?.(endpoint)).toBe(expected);
  });

  test.each([
    '',
    '192.0.2',
    '192.0.2.0/33',
    '2001:db8::/129',
    '192.0.2.7:80',
    'fe01',
    '1.2.3.4/',
    '/24',
    '1.2.3.4/1/2',
  ])('%j is neither address nor network', (text) => expect(clientTest(text)).toBeNull());
});

test('the address of an endpoint', () => {
  expect(['192.0.2.7:80', '[2001:db8::7]:80', ''].map(addressOf)).toEqual(['192.0.2.7', '2001:db8::7', '']);
});

const connection: Connection = {
  id: 'c1',
  protocol: 'tcp',
  service: 'ocs',
  pool: 'ocspool',
  client: '192.0.2.7:51030',
  vip: '10.0.0.40:5061',
  realServer: 'fe01',
  source: '10.0.0.40:40000',
  ageMs: 60_000,
  idleMs: 500,
  bytesIn: 0,
  bytesOut: 0,
};

test.each<[ConnectionFilter, boolean]>([
  [{}, true],
  [
    {
      pool: 'ocspool',
      realServer: 'fe01',
      service: 'ocs',
      client: '192.0.2.0/28',
      vip: '10.0.0.40',
      port: 5061,
    },
    true,
  ],
  [{ id: 'c2' }, false],
  [{ pool: 'ocspool', realServer: 'fe02' }, false],
  [{ client: 'nonsense' }, false],
  [{ vip: '10.0.0.4' }, false],
  [{ port: 61 }, false],
  [{ idleOverMs: 499 }, true],
  [{ idleOverMs: 500 }, false],
  [{ ageOverMs: 59_999, idleOverMs: 499 }, true],
  [{ ageOverMs: 60_000 }, false],
])('%j: %s', (filter, expected) => {
  expect(selects(filter, connection)).toBe(expected);
});

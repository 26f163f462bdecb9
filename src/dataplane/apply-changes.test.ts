import { expect, test } from 'vitest';
import { applyChanges } from './apply-changes.ts';
import type { Change } from './dataplane.ts';
import { EMPTY_STATE } from './dataplane.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from './plain.ts';

const settings = {
  pool: 'p',
  scheduler: 'rr',
  redispatch: false,
  snat: null,
  connectTimeoutMs: 1,
  idleTimeoutMs: 1,
  udpIdleMs: 1,
  ...PLAIN_SERVICE,
} as const;
const port = { vip: '10.0.0.40', protocol: 'tcp', port: 443, serverPort: 443 } as const;
const fe01 = { name: 'fe01', address: '10.0.0.41', weight: 1, selectable: true, ...PLAIN_SERVER } as const;
const SOME: Change[] = [
  { kind: 'add-pool', pool: 'p' },
  { kind: 'add-server', pool: 'p', server: fe01 },
  { kind: 'add-service', service: 's', settings },
  { kind: 'add-port', service: 's', port },
];

test.each<[string, Change, string]>([
  ['a pool twice', { kind: 'add-pool', pool: 'p' }, 'exists already'],
  ['a server of an unknown pool', { kind: 'add-server', pool: 'q', server: fe01 }, 'q does not exist'],
  [
    'another address by update',
    { kind: 'update-server', pool: 'p', server: { ...fe01, address: '10.0.0.9' } },
    'cannot change an address',
  ],
  [
    'a service to an unknown pool',
    { kind: 'update-service', service: 's', settings: { ...settings, pool: 'q' } },
    'q does not exist',
  ],
  ['a taken port', { kind: 'add-port', service: 's', port }, 'is taken'],
  ['a service with ports', { kind: 'remove-service', service: 's' }, 'still has ports'],
  ['a pool with servers', { kind: 'remove-pool', pool: 'p' }, 'still has servers'],
  ['a server that is not there', { kind: 'remove-server', pool: 'p', server: 'fe09' }, 'fe09 does not exist'],
])('refuses %s', (_, change, message) => {
  expect(() => applyChanges(EMPTY_STATE, [...SOME, change])).toThrow(message);
});

test('leaves the state that it was given alone', () => {
  const before = applyChanges(EMPTY_STATE, SOME);
  const copy = structuredClone(before);
  applyChanges(before, [
    { kind: 'update-server', pool: 'p', server: { ...fe01, selectable: false } },
    { kind: 'remove-port', service: 's', port },
  ]);
  expect(before).toEqual(copy);
});

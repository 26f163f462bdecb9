import { expect, test } from 'vitest';
import type { EffectiveConfig, EffectiveServer } from '../model/effective.ts';
import { liveValues, stillValid, withChange } from './overrides.ts';
import { oneArmed } from '../model/effective.ts';

const fe01: EffectiveServer = {
  name: 'fe01',
  fqdn: null,
  address: '10.0.0.41',
  weight: 1,
  maxConnections: 0,
  admin: 'ready',
};

function configWith(...realServers: EffectiveServer[]): EffectiveConfig {
  const pool = {
    name: 'ocspool',
    profile: null,
    fqdn: null,
    healthChecks: [],
    onDown: 'reset' as const,
    drain: { timeoutMs: 1000, keepPersistence: false },
    realServers,
    fallback: null,
  };
  return {
    dataPlane: 'auto',
    admin: { host: '127.0.0.1', port: 9080 },
    shutdownTimeoutMs: 0,
    topology: oneArmed(null),
    pools: [pool],
    services: [],
  };
}

test('a live change holds over the file, each value on its own', () => {
  const one = withChange(new Map(), 'ocspool', fe01, { admin: 'drain' });
  const two = withChange(one, 'ocspool', fe01, { weight: 7 });
  expect(liveValues(two, 'ocspool', fe01)).toEqual({ admin: 'drain', weight: 7 });
  expect(liveValues(two, 'otherpool', fe01)).toEqual({ admin: 'ready', weight: 1 });
  expect(one.get('ocspool/fe01')?.weight).toBeUndefined();
});

test('setting what the file says ends the override', () => {
  const drained = withChange(new Map(), 'ocspool', fe01, { admin: 'drain' });
  expect(withChange(drained, 'ocspool', fe01, { admin: 'ready' }).size).toBe(0);
  expect(withChange(new Map(), 'ocspool', fe01, { admin: 'ready', weight: 1 }).size).toBe(0);
});

test('it holds until the file says something else for that very value', () => {
  const both = withChange(new Map(), 'ocspool', fe01, { admin: 'drain', weight: 7 });
  expect(stillValid(both, configWith({ ...fe01, address: '10.0.0.51' }))).toEqual(both);
  const heavier = { ...fe01, weight: 2 };
  const left = stillValid(both, configWith(heavier));
  expect(liveValues(left, 'ocspool', heavier)).toEqual({ admin: 'drain', weight: 2 });
});

test('it ends when the file comes to say the same, so that a later edit of the file is obeyed', () => {
  const drained = withChange(new Map(), 'ocspool', fe01, { admin: 'drain' });
  const left = stillValid(drained, configWith({ ...fe01, admin: 'drain' }));
  expect(left.size).toBe(0);
});

test('it ends with its server', () => {
  const drained = withChange(new Map(), 'ocspool', fe01, { admin: 'drain' });
  expect(stillValid(drained, configWith()).size).toBe(0);
});

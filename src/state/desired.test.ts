import { expect, test } from 'vitest';
import type { EffectiveConfig } from '../model/effective.ts';
import { desiredState } from './desired.ts';
import { standings } from './standing.ts';
import { oneArmed } from '../model/effective.ts';

const config: EffectiveConfig = {
  dataPlane: 'auto',
  admin: { host: '127.0.0.1', port: 9080 },
  shutdownTimeoutMs: 10_000,
  topology: oneArmed(null),
  pools: [
    {
      name: 'ocspool',
      profile: null,
      fqdn: null,
      healthChecks: [{ type: 'tcp', port: 5061, intervalMs: 5000, timeoutMs: 3000, rise: 2, fall: 3 }],
      onDown: 'reset',
      drain: { timeoutMs: 1000, keepPersistence: false },
      realServers: ['fe01', 'fe02', 'fe03'].map((name, i) => ({
        name,
        fqdn: null,
        address: `10.0.0.4${i + 1}`,
        weight: i + 1,
        maxConnections: i,
        admin: 'ready',
      })),
      fallback: { address: '10.0.0.99', port: null },
    },
  ],
  services: [
    {
      name: 'ocs',
      vip: '10.0.0.40',
      pool: 'ocspool',
      ports: [
        { protocol: 'tcp', first: 443, last: 443, serverFirst: 4443 },
        { protocol: 'tcp', first: 5060, last: 5061, serverFirst: 5060 },
      ],
      scheduler: 'wlc',
      redispatch: true,
      nat: 'full',
      snat: null,
      connectTimeoutMs: 4000,
      idleTimeoutMs: 1_800_000,
      udpIdleMs: 60_000,
      persistence: { timeoutMs: 60_000, maxEntries: 100 },
      maxConnections: 7,
      limits: { newConnectionsPerSecondPerSource: 8, connectionsPerSource: 9 },
    },
  ],
};

test('health, live changes and weights decide who is selectable; ranges become ports one to one', () => {
  const overrides = new Map([['ocspool/fe03', { admin: { live: 'drain', file: 'ready' } as const }]]);
  const desired = desiredState(
    config,
    standings(config, overrides, (key) => (key.startsWith('ocspool/fe02@') ? 'down' : 'up')),
  );
  expect(desired.pools).toEqual([
    {
      name: 'ocspool',
      fallback: { address: '10.0.0.99', port: null },
      servers: [
        {
          name: 'fe01',
          address: '10.0.0.41',
          weight: 1,
          selectable: true,
          keepsClients: false,
          maxConnections: 0,
        },
        {
          name: 'fe02',
          address: '10.0.0.42',
          weight: 2,
          selectable: false,
          keepsClients: false,
          maxConnections: 1,
        },
        {
          name: 'fe03',
          address: '10.0.0.43',
          weight: 3,
          selectable: false,
          keepsClients: false,
          maxConnections: 2,
        },
      ],
    },
  ]);
  expect(desired.services[0]?.ports.map((p) => [p.port, p.serverPort])).toEqual([
    [443, 4443],
    [5060, 5060],
    [5061, 5061],
  ]);
  expect(desired.services[0]?.settings).toEqual({
    pool: 'ocspool',
    scheduler: 'wlc',
    nat: 'full',
    redispatch: true,
    snat: null,
    connectTimeoutMs: 4000,
    idleTimeoutMs: 1_800_000,
    udpIdleMs: 60_000,
    persistenceEntries: 100,
    persistenceTimeoutMs: 60_000,
    maxConnections: 7,
    connectionsPerSource: 9,
    newConnectionsPerSecondPerSource: 8,
  });
});

test('a server that drains keeps its clients where the pool says so, while it is up', () => {
  const keeping = {
    ...config,
    pools: config.pools.map((pool) => ({ ...pool, drain: { timeoutMs: 1000, keepPersistence: true } })),
  };
  const overrides = new Map([
    ['ocspool/fe01', { admin: { live: 'drain', file: 'ready' } as const }],
    ['ocspool/fe02', { weight: { live: 0, file: 2 } as const }],
    ['ocspool/fe03', { admin: { live: 'maint', file: 'ready' } as const }],
  ]);
  const kept = (health: 'up' | 'down', from: EffectiveConfig = keeping) =>
    desiredState(
      from,
      standings(from, overrides, () => health),
    ).pools[0]?.servers.map((s) => s.keepsClients);
  expect(kept('up')).toEqual([true, true, false]);
  expect(kept('down')).toEqual([false, false, false]);
  expect(kept('up', config)).toEqual([false, false, false]);
});

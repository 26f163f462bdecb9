import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCHEDULERS } from '../scheduler/names.ts';
import { applyChanges, portKey } from './apply-changes.ts';
import type { DesiredState, PlanePool, PlaneService } from './dataplane.ts';
import { EMPTY_STATE } from './dataplane.ts';
import { diffDesired } from './diff.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from './plain.ts';

const settings = {
  pool: 'ocspool',
  scheduler: 'wlc',
  redispatch: true,
  snat: null,
  connectTimeoutMs: 4000,
  idleTimeoutMs: 1_800_000,
  udpIdleMs: 60_000,
  ...PLAIN_SERVICE,
} as const;
const port = (n: number, serverPort = n) =>
  ({ vip: '10.0.0.40', protocol: 'tcp', port: n, serverPort }) as const;
const server = (name: string, address: string, selectable = true) => ({
  name,
  address,
  weight: 1,
  selectable,
  ...PLAIN_SERVER,
});
const pool = (name: string, servers: PlanePool['servers'], fallback: PlanePool['fallback'] = null) => ({
  name,
  servers,
  fallback,
});

const base: DesiredState = {
  pools: [pool('ocspool', [server('fe01', '10.0.0.41'), server('fe02', '10.0.0.42')])],
  services: [{ name: 'ocs', settings, ports: [port(443), port(5061)] }],
};

function twoServices(a: number, b: number): DesiredState {
  return {
    ...base,
    services: [
      { name: 'a', settings, ports: [port(a)] },
      { name: 'b', settings, ports: [port(b)] },
    ],
  };
}

function kinds(prev: DesiredState, next: DesiredState): string[] {
  return diffDesired(prev, next).map((c) => c.kind);
}

describe('the order of changes', () => {
  test('from nothing: pool, its servers, fallback, service, ports', () => {
    const next = {
      ...base,
      pools: [pool('ocspool', [server('fe01', '10.0.0.41')], { address: '10.0.0.99', port: null })],
    };
    expect(kinds(EMPTY_STATE, next)).toEqual([
      'add-pool',
      'add-server',
      'set-fallback',
      'add-service',
      'add-port',
      'add-port',
    ]);
  });

  test('to nothing: ports, service, servers, pool', () => {
    expect(kinds(base, EMPTY_STATE)).toEqual([
      'remove-port',
      'remove-port',
      'remove-service',
      'remove-server',
      'remove-server',
      'remove-pool',
    ]);
  });

  test('a server whose address changed is removed right before it is added again', () => {
    const next = {
      ...base,
      pools: [pool('ocspool', [server('fe01', '10.0.0.51'), server('fe02', '10.0.0.42')])],
    };
    expect(diffDesired(base, next)).toEqual([
      { kind: 'remove-server', pool: 'ocspool', server: 'fe01' },
      { kind: 'add-server', pool: 'ocspool', server: server('fe01', '10.0.0.51') },
    ]);
  });

  test('only what a verdict changes is sent at a verdict', () => {
    const next = {
      ...base,
      pools: [pool('ocspool', [server('fe01', '10.0.0.41', false), server('fe02', '10.0.0.42')])],
    };
    expect(diffDesired(base, next)).toEqual([
      { kind: 'update-server', pool: 'ocspool', server: server('fe01', '10.0.0.41', false) },
    ]);
  });

  test('a service is moved to its new pool before the old pool goes', () => {
    const next = {
      pools: [pool('cwapool', [server('cwa01', '10.0.0.61')])],
      services: [{ name: 'ocs', settings: { ...settings, pool: 'cwapool' }, ports: [port(443), port(5061)] }],
    };
    expect(kinds(base, next)).toEqual([
      'add-pool',
      'add-server',
      'update-service',
      'remove-server',
      'remove-server',
      'remove-pool',
    ]);
  });

  test('two services can swap ports: removals before additions', () => {
    expect(kinds(twoServices(443, 444), twoServices(444, 443))).toEqual([
      'remove-port',
      'remove-port',
      'add-port',
      'add-port',
    ]);
  });

  test('another server port behind the same VIP port changes that port alone, and cuts nobody', () => {
    const next = { ...base, services: [{ name: 'ocs', settings, ports: [port(443, 4443), port(5061)] }] };
    expect(diffDesired(base, next)).toEqual([{ kind: 'update-port', service: 'ocs', port: port(443, 4443) }]);
  });
});

const arbServer = fc.record({
  name: fc.constantFrom('fe01', 'fe02', 'fe03'),
  address: fc.constantFrom('10.0.0.41', '10.0.0.42', '2001:db8::41'),
  weight: fc.integer({ min: 1, max: 3 }),
  selectable: fc.boolean(),
  keepsClients: fc.boolean(),
  maxConnections: fc.nat({ max: 1 }),
});
const arbPool = fc.record({
  name: fc.constantFrom('p1', 'p2', 'p3'),
  servers: fc.uniqueArray(arbServer, { selector: (s) => s.name }),
  fallback: fc.option(fc.record({ address: fc.constant('10.0.0.99'), port: fc.option(fc.constant(9081)) })),
});
const arbPort = fc.record({
  vip: fc.constantFrom('10.0.0.40', '2001:db8::40'),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  port: fc.integer({ min: 1, max: 5 }),
  serverPort: fc.integer({ min: 1, max: 2 }),
});
const arbState: fc.Arbitrary<DesiredState> = fc
  .tuple(
    fc.uniqueArray(arbPool, { selector: (p) => p.name, minLength: 1 }),
    fc.uniqueArray(fc.tuple(arbPort, fc.nat({ max: 2 })), { selector: ([p]) => portKey(p), maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...(Object.keys(SCHEDULERS) as ['wlc']))), { maxLength: 3 }),
  )
  .map(([pools, ports, services]) => ({
    pools,
    services: services.map(([pick, scheduler], i) => ({
      name: `s${i}`,
      settings: { ...settings, scheduler, pool: pools[pick % pools.length]?.name ?? '' },
      ports: ports.filter(([, owner]) => owner === i).map(([p]) => p),
    })),
  }));

function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The same state in one order, since order has no meaning. */
function normal(state: DesiredState): DesiredState {
  return {
    pools: sorted(
      state.pools.map((p) => ({ ...p, servers: sorted(p.servers, (s) => s.name) })),
      (p) => p.name,
    ),
    services: sorted(
      state.services.map((s): PlaneService => ({ ...s, ports: sorted(s.ports, portKey) })),
      (s) => s.name,
    ),
  };
}

describe('for any two states', () => {
  test('applying the difference to the one gives the other, and no step meets a state that it does not fit', () => {
    fc.assert(
      fc.property(arbState, arbState, (prev, next) => {
        expect(normal(applyChanges(prev, diffDesired(prev, next)))).toEqual(normal(next));
      }),
      { numRuns: 1000 },
    );
  });

  test('there is no difference between a state and itself in another order', () => {
    fc.assert(
      fc.property(arbState, (state) => {
        const other = { pools: state.pools.toReversed(), services: state.services.toReversed() };
        expect(diffDesired(state, other)).toEqual([]);
      }),
    );
  });

  test('what stays as it is, is not mentioned', () => {
    fc.assert(
      fc.property(arbState, arbState, (prev, next) => {
        const before = new Map(prev.pools.flatMap((p) => p.servers.map((s) => [`${p.name}/${s.name}`, s])));
        for (const change of diffDesired(prev, next)) {
          if (change.kind !== 'update-server' && change.kind !== 'add-server') continue;
          expect({ ...change.server }).not.toEqual({ ...before.get(`${change.pool}/${change.server.name}`) });
        }
      }),
    );
  });
});

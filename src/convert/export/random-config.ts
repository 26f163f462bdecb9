/** Good configs at random: each has a service with a TCP port, and a server that it can lead to by IPv4. */
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { parseConfig } from '../../config/load.ts';

const weight = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 65_535 }));
const server = fc.record({
  weight,
  maxConnections: fc.constantFrom(0, 0, 100),
  admin: fc.constantFrom('ready', 'ready', 'drain', 'maint'),
  v6: fc.boolean(),
});

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' });
const check = fc.record({
  type: fc.constantFrom('tcp', 'tls', 'http', 'https', 'sip', 'stun'),
  port: fc.integer({ min: 1, max: 65_535 }),
  rise: fc.integer({ min: 1, max: 5 }),
  fall: fc.integer({ min: 1, max: 5 }),
  interval: fc.constantFrom('250ms', '5s', '1h'),
  timeout: fc.constantFrom('100ms', '200ms'),
});
const asked = fc.record({ path: text.map((t) => `/${t.replaceAll(/\s/g, '')}`), expectBody: text });

/** Ports that are apart from each other. */
const ports = fc
  .array(fc.constantFrom('one', 'range', 'mapped', 'mapped range', 'udp'), { maxLength: 5 })
  .map((kinds) => [9, ...kinds.map((kind, i) => portEntry(kind, 1000 + 100 * i))]);

function portEntry(kind: string, port: number): unknown {
  if (kind === 'one') return port;
  if (kind === 'range') return `${port}-${port + 20}`;
  if (kind === 'mapped') return { port, serverPort: port + 50 };
  if (kind === 'mapped range') return { port: `${port}-${port + 70}`, serverPort: port - 500 };
  return { port, protocol: 'udp', serverPort: port + 1 };
}

const service = fc.record({
  ports,
  scheduler: fc.constantFrom('rr', 'wrr', 'lc', 'wlc', 'sh', 'mh'),
  persistence: fc.constantFrom({ type: 'none' }, { type: 'source-ip', timeout: '90s', maxEntries: 77 }),
  snatPool: fc.constantFrom(
    undefined,
    ['10.0.0.44', '2001:db8::44'],
    ['10.0.0.44-10.0.0.46', '2001:db8::44'],
  ),
  maxConnections: fc.constantFrom(0, 500),
  limits: fc.constantFrom({}, { connectionsPerSource: 5 }, { newConnectionsPerSecondPerSource: 5 }),
  timeouts: fc.constantFrom({}, { connect: '1500ms', idle: '100ms' }),
});

const pool = fc.record({
  servers: fc.array(server, { maxLength: 4 }),
  checks: fc.array(fc.tuple(check, asked), { maxLength: 4 }),
  onDown: fc.constantFrom('reset', 'keep'),
  fallback: fc.constantFrom(undefined, { address: '10.0.0.99' }, { address: '2001:db8::99', port: 80 }),
  services: fc.array(service, { minLength: 1, maxLength: 3 }),
});

type Drawn = typeof pool extends fc.Arbitrary<infer T> ? T : never;

function poolTree({ servers, checks, onDown, fallback }: Drawn, number: number): object {
  const realServers = servers.map(({ v6, ...rest }, i) => ({
    name: `s${i}`,
    address: v6 ? `2001:db8::${number}:${i + 1}` : `10.1.${number}.${i + 1}`,
    ...rest,
  }));
  const healthChecks = checks.map(([one, more]) => (one.type.startsWith('http') ? { ...one, ...more } : one));
  // One that every program can reach.
  realServers.push({
    name: 'last',
    address: `10.1.${number}.250`,
    weight: 1,
    maxConnections: 0,
    admin: 'ready',
  });
  return { name: `p${number}`, healthChecks, onDown, realServers, ...(fallback ? { fallback } : {}) };
}

export const configs: fc.Arbitrary<string> = fc
  .array(pool, { minLength: 1, maxLength: 3 })
  .map((pools) => {
    const virtualServices = pools.flatMap(({ services }, number) =>
      services.map(({ snatPool, ...rest }, i) => ({
        // Some have the name of their pool, or of another one.
        name: i === 0 ? `p${(number * 2) % 3}` : `v${number}${i}`,
        vip: `10.0.${number}.${100 + i}`,
        pool: `p${number}`,
        ...rest,
        ...(snatPool ? { snatPool } : {}),
      })),
    );
    return stringify({ version: 1, pools: pools.map(poolTree), virtualServices });
  })
  .filter((yaml) => parseConfig(yaml, 'x').config !== null);

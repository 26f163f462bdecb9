/** Whatever is written: an answer, in time, with its place in the file. Bounded to a few seconds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { EffectiveConfig, EffectiveTopology } from '../model/effective.ts';
import { fields } from '../model/walk.ts';
import { formatFindings } from './format.ts';
import { parseConfig } from './load.ts';
import { planConfig } from './plan.ts';
import { inOrder, remappedRanges, subtractRanges } from './port-ranges.ts';
import { LEAST, load } from './testing.ts';

const RUNS = { numRuns: 300, interruptAfterTimeLimit: 4000 };

/** The promise of parseConfig, for any text. */
function keepsItsPromise(text: string): void {
  const { config, findings } = parseConfig(text, 'c.yaml');
  const errors = findings.filter((f) => f.severity === 'error');
  expect(config === null).toBe(errors.length > 0);
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const finding of findings) {
    expect(finding.line).toBeGreaterThanOrEqual(1);
    expect(finding.line).toBeLessThanOrEqual(lines.length);
    expect(finding.col).toBeGreaterThanOrEqual(1);
    expect(finding.col).toBeLessThanOrEqual(Array.from(lines[finding.line - 1] ?? '').length + 1);
    expect(finding.message).not.toBe('');
  }
  expect(formatFindings(findings, text).split('\n').length).toBeGreaterThan(findings.length);
  expect(config ? planConfig(config.effective, config.effective) : []).toEqual([]);
}

const PIECES = [
  '__proto__ constructor 1 -1 65536 5s null ~ true 10.0.0.40 ::1 " \' [ ] { } : , # 日 \u0000'.split(' '),
  [': ', '- ', '&a ', '*a', '!t ', '|\n', '>\n', '\n', '\n  ', '\t', '? ', '---\n'],
].flat();
const KEYS = Array.from(fields(), (f) => f.key);
const word = fc.constantFrom(...KEYS.map((key) => key.split('.').at(-1)?.replace('[]', '') ?? ''), ...PIECES);

describe('no text breaks the reader', () => {
  it('random text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), keepsItsPromise), RUNS);
  });

  it('random bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, (b) => keepsItsPromise(Buffer.from(b).toString('utf8'))),
      RUNS,
    );
  });

  it('words of YAML and of configs', () => {
    const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(''));
    fc.assert(fc.property(text, keepsItsPromise), RUNS);
  });

  it('a valid config with pieces cut out, doubled or put in', () => {
    const edit = fc.tuple(fc.nat(LEAST.length), fc.nat(20), fc.oneof(word, fc.constant('')));
    const text = fc
      .array(edit, { minLength: 1, maxLength: 4 })
      .map((edits) =>
        edits.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), LEAST),
      );
    fc.assert(fc.property(text, keepsItsPromise), RUNS);
  });

  it('values of any kind at any key', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('5s', 'tcp', '10.0.0.1', '1-5', 443, -1, null, [], {}),
      // Keys that mean something to JavaScript: such a value cannot even be made a text of.
      fc.constantFrom({ toString: 0 }, { valueOf: null }, { toJSON: 1 }, { length: 2 }, [{ toString: 0 }]),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...KEYS), value), { minLength: 1, maxLength: 5 }),
        (pairs) => {
          const tree: Record<string, unknown> = { version: 1, pools: [{}], virtualServices: [{}] };
          for (const [key, v] of pairs) put(tree, key.split('.'), v);
          keepsItsPromise(stringify(tree));
        },
      ),
      RUNS,
    );
  });
});

/** Puts the value at a key such as `pools[].name`, making what is missing on the way. */
function put(tree: Record<string, unknown>, [head = '', ...rest]: readonly string[], value: unknown): void {
  const key = head.replace('[]', '');
  if (rest.length === 0) tree[key] = value;
  else {
    const inner: Record<string, unknown> = {};
    tree[key] = head.endsWith('[]') ? [inner] : inner;
    put(inner, rest, value);
  }
}

const name = fc.constantFrom('a', 'b', 'c');
const server = fc.record({
  name,
  fqdn: fc.constantFrom(null, 'a.contoso.com'),
  address: fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1'),
  weight: fc.nat(2),
  maxConnections: fc.nat(1),
  admin: fc.constantFrom('ready' as const, 'drain' as const, 'maint' as const),
});
const pool = fc.record({
  name,
  profile: fc.constantFrom(null, 'generic/tcp'),
  fqdn: fc.constant(null),
  healthChecks: fc.uniqueArray(
    fc.record({
      type: fc.constant('tcp' as const),
      port: fc.integer({ min: 1, max: 2 }),
      intervalMs: fc.constantFrom(1, 2),
      timeoutMs: fc.constant(1),
      rise: fc.constantFrom(1, 2),
      fall: fc.constant(3),
    }),
    { selector: (c) => c.port, maxLength: 2 },
  ),
  onDown: fc.constantFrom('reset' as const, 'keep' as const),
  drain: fc.record({ timeoutMs: fc.constantFrom(0, 1000), keepPersistence: fc.constant(false) }),
  realServers: fc.uniqueArray(server, { selector: (s) => s.name, maxLength: 3 }),
  fallback: fc.option(fc.record({ address: fc.constant('10.0.0.9'), port: fc.constantFrom(null, 1) })),
});

/** Ports 1 to 20 of either protocol, each once. */
const ports = fc
  .uniqueArray(
    fc.record({
      first: fc.integer({ min: 1, max: 20 }),
      protocol: fc.constantFrom('tcp' as const, 'udp' as const),
      up: fc.constantFrom(0, 100),
    }),
    { minLength: 1, maxLength: 8, selector: ({ protocol, first }) => `${protocol} ${first}` },
  )
  .map((all) =>
    all.map(({ protocol, first, up }) => ({ protocol, first, last: first, serverFirst: first + up })),
  );
const service = fc.record({
  name,
  vip: fc.constantFrom('10.0.0.40', '10.0.0.39'),
  pool: name,
  ports,
  scheduler: fc.constantFrom('rr' as const, 'wlc' as const),
  redispatch: fc.boolean(),
  nat: fc.constantFrom('full' as const, 'half' as const),
  snat: fc.constant(null),
  connectTimeoutMs: fc.constantFrom(1, 2),
  idleTimeoutMs: fc.constantFrom(1, 2),
  udpIdleMs: fc.constantFrom(1, 2),
  persistence: fc.option(
    fc.record({ timeoutMs: fc.constantFrom(1000, 2000), maxEntries: fc.constantFrom(1, 2) }),
  ),
  maxConnections: fc.nat({ max: 1 }),
  limits: fc.record({
    newConnectionsPerSecondPerSource: fc.nat({ max: 1 }),
    connectionsPerSource: fc.nat({ max: 1 }),
  }),
});
const keepAtStop = fc.boolean();
const serverAddress = fc.constantFrom(
  { address: '10.0.1.40', prefix: 24 },
  { address: '2001:db8::40', prefix: 64 },
);
const topology: fc.Arbitrary<EffectiveTopology> = fc.oneof(
  fc.record({
    mode: fc.constant('one-armed' as const),
    interface: fc.constantFrom(null, 'eth0'),
    keepAtStop,
  }),
  fc.record({
    mode: fc.constant('two-armed' as const),
    clientInterface: fc.constantFrom('eth0', 'eth2'),
    serverInterface: fc.constant('eth1'),
    serverAddress: fc.option(serverAddress),
    routing: fc.boolean(),
    filter: fc.constantFrom([], [{ from: null, to: null, protocol: 'tcp' as const, ports: null }]),
    keepAtStop,
  }),
  fc.record({
    mode: fc.constant('transparent' as const),
    bridgePorts: fc.constant(['eth0', 'eth1'] as const),
    serverAddress,
    gateway: fc.constantFrom(null, '10.0.1.1'),
    keepAtStop,
  }),
);
const effective: fc.Arbitrary<EffectiveConfig> = fc.record({
  dataPlane: fc.constantFrom('auto' as const, 'proxy' as const),
  admin: fc.record({ host: fc.constantFrom('127.0.0.1', '::1'), port: fc.constantFrom(1, 2) }),
  shutdownTimeoutMs: fc.constantFrom(0, 1000),
  topology,
  pools: fc.uniqueArray(pool, { selector: (p) => p.name, maxLength: 2 }),
  services: fc.uniqueArray(service, { selector: (s) => s.name, maxLength: 2 }),
});

function byName<T extends { name: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Two configs mean the same when this is the same: lists that have no order are sorted. */
function meaning(config: EffectiveConfig): unknown {
  const pools = byName(config.pools).map((p) => ({
    ...p,
    realServers: byName(p.realServers),
    healthChecks: p.healthChecks.toSorted((a, b) => a.port - b.port),
  }));
  const services = byName(config.services).map((s) => ({
    ...s,
    ports: s.ports.toSorted(inOrder),
  }));
  return { ...config, pools, services };
}

/** Steps of this kind, but for whole pools and servers: a new pool lists its servers, one that goes does not. */
function count(from: EffectiveConfig, to: EffectiveConfig, action: string): number {
  const whole = /^pool \w+( \/ server \w+)?$/;
  return planConfig(from, to).filter((s) => s.action === action && !whole.test(s.what)).length;
}

describe('a plan', () => {
  it('is empty exactly when both mean the same', () => {
    fc.assert(
      fc.property(effective, effective, fc.boolean(), (a, b, same) => {
        const next = same ? { ...a, pools: a.pools.toReversed(), services: a.services.toReversed() } : b;
        const equal = JSON.stringify(meaning(a)) === JSON.stringify(meaning(next));
        expect(planConfig(a, next).length === 0).toBe(equal);
      }),
      RUNS,
    );
  });

  it('back has as many additions as the plan has removals', () => {
    fc.assert(
      fc.property(effective, effective, (a, b) => {
        expect(count(a, b, 'add')).toBe(count(b, a, 'remove'));
        expect(count(a, b, 'change')).toBe(count(b, a, 'change'));
      }),
      RUNS,
    );
  });

  it('cuts nothing but by removing', () => {
    fc.assert(
      fc.property(effective, effective, (a, b) => {
        const cutting = planConfig(a, b).filter((step) => step.cuts !== null);
        expect(cutting.every((step) => step.action === 'remove')).toBe(true);
      }),
      RUNS,
    );
  });
});

type Range = ReturnType<typeof subtractRanges>[number];

const keyOf = (r: Range, port = r.first): string => `${r.protocol} ${port}`;

function single(ranges: readonly Range[]): string[] {
  return ranges.flatMap((r) => Array.from({ length: r.last - r.first + 1 }, (_, i) => keyOf(r, r.first + i)));
}

it('ranges subtract as sets of ports do', () => {
  fc.assert(
    fc.property(ports, ports, (a, b) => {
      const inB = new Map(b.map((r) => [keyOf(r), r.serverFirst]));
      const sorted = a.toSorted(inOrder);
      expect(single(subtractRanges(a, b))).toEqual(single(sorted.filter((r) => !inB.has(keyOf(r)))));
      const moved = sorted.filter((r) => inB.has(keyOf(r)) && inB.get(keyOf(r)) !== r.serverFirst);
      expect(single(remappedRanges(b, a).map((r) => r.next))).toEqual(single(moved));
    }),
  );
});

it('the least config is read in no time', () => {
  const began = performance.now();
  for (let i = 0; i < 20; i++) load(LEAST);
  expect(performance.now() - began).toBeLessThan(2000);
});

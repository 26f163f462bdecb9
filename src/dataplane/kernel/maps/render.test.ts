import { describe, expect, test } from 'vitest';
import type { DesiredState, PlanePort, PlaneServiceSettings } from '../../dataplane.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from '../../plain.ts';
import { assign, NO_NUMBERS } from './numbers.ts';
import { addressValue, render, wantedNumbers } from './render.ts';

const SETTINGS: PlaneServiceSettings = {
  ...PLAIN_SERVICE,
  pool: 'p',
  scheduler: 'wlc',
  redispatch: true,
  snat: { addresses: ['10.0.0.44', '10.0.0.45', '2001:db8::44'], ports: null },
  connectTimeoutMs: 4000,
  idleTimeoutMs: 1_800_000,
  udpIdleMs: 60_000,
};

const VIP = '10.0.0.40';

function ports(first: number, last: number, shift = 0, protocol: 'tcp' | 'udp' = 'tcp'): PlanePort[] {
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    vip: VIP,
    protocol,
    port: first + i,
    serverPort: first + i + shift,
  }));
}

function stateOf(
  listed: readonly PlanePort[],
  settings: Partial<PlaneServiceSettings> = {},
  fallback: DesiredState['pools'][0]['fallback'] = null,
): DesiredState {
  const servers = [41, 42].map((last) => ({
    ...PLAIN_SERVER,
    name: `fe${last}`,
    address: `10.0.0.${last}`,
    weight: last - 40,
    selectable: true,
  }));
  return {
    pools: [{ name: 'p', servers, fallback }],
    services: [{ name: 's', settings: { ...SETTINGS, ...settings }, ports: listed }],
  };
}

const own = () => ({ addresses: ['10.0.0.1'], ports: null });
const nowhere = () => ({ addresses: [], ports: null });

const OPEN = {
  isOpen: true,
  systemAddresses: new Set(['10.0.0.1']),
  systemPorts: { first: 32_768, last: 60_999 },
};

function rendered(
  state: DesiredState,
  source = nowhere as () => { addresses: string[]; ports: null },
  shortWay = OPEN,
) {
  const numbers = assign(NO_NUMBERS, state, wantedNumbers(state, source));
  return { numbers, ...render(state, numbers, source, shortWay) };
}

describe('ports', () => {
  test('10,000 neighbouring ports are one range, and servers need no translation of their own for it', () => {
    const { vips, mappedTargets, targets } = rendered(stateOf(ports(50_000, 59_999)));
    expect([...vips.values()].map(({ value }) => value)).toEqual([
      { count: 1, ranges: [{ first: 50_000, last: 59_999, service: 0, mapped: 0 }] },
    ]);
    expect(mappedTargets.size).toBe(0);
    expect(targets.map(({ address, port }) => [address, port])).toEqual([
      ['10.0.0.41', null],
      ['10.0.0.42', null],
    ]);
  });

  test('ranges rise and end where service, shift or neighbourhood end', () => {
    const { vips } = rendered(stateOf([...ports(443, 443, 4000), ...ports(135, 136), ...ports(5060, 5061)]));
    expect([...vips.values()][0]?.value).toMatchObject({
      count: 3,
      ranges: [
        { first: 135, last: 136 },
        { first: 443, last: 443 },
        { first: 5060, last: 5061 },
      ],
    });
  });

  test('other ports on the servers: each of each server is a target, the fallback with its own port too', () => {
    const state = stateOf(ports(443, 444, 4000), {}, { address: '10.0.0.99', port: 8080 });
    const { mappedTargets, targets, numbers, pools } = rendered(state);
    const meaning = new Map(targets.map(({ number, address, port }) => [number, `${address}:${port}`]));
    const range = [...numbers.ranges.of.values()][0];
    const values = [...mappedTargets].map(
      ([key, { value }]) => [key, value as { number: number; port: number }] as const,
    );
    const seen = values.map(([key, { number }]) => [key, meaning.get(number)]);
    for (const [, { number, port }] of values) expect(meaning.get(number)?.endsWith(`:${port}`)).toBe(true);
    expect(Object.fromEntries(seen)).toEqual({
      [`${range} 0 0`]: '10.0.0.41:4443',
      [`${range} 1 0`]: '10.0.0.42:4443',
      [`${range} 63 0`]: '10.0.0.99:8080',
      [`${range} 0 1`]: '10.0.0.41:4444',
      [`${range} 1 1`]: '10.0.0.42:4444',
      [`${range} 63 1`]: '10.0.0.99:8080',
    });
    const { servers } = pools.get(0) as {
      servers: { target: number; selectable: number; port: number }[];
    };
    const fallback = servers[63];
    expect(meaning.get(fallback?.target ?? 0)).toBe('10.0.0.99:8080');
    expect(fallback).toMatchObject({ selectable: 1, port: 8080 });
  });

  test('too many mapped ports, and too many separate ones, are refused with the arithmetic', () => {
    expect(() => rendered(stateOf(ports(10_000, 45_000, 1)))).toThrow(
      /: 70002; the kernel data plane holds 65534/,
    );
    const separate = Array.from({ length: 65 }, (_, i) => ports(1000 + 2 * i, 1000 + 2 * i)).flat();
    expect(() => rendered(stateOf(separate))).toThrow(
      /at most 64 runs of tcp ports of one VIP; 10.0.0.40 has 65/,
    );
  });
});

describe('sources', () => {
  test('of the family of the VIP, or of the system where the config names none', () => {
    const { sources, services } = rendered(stateOf(ports(443, 443)));
    expect(sources.map(({ address }) => address)).toEqual(['10.0.0.44', '10.0.0.45']);
    expect(services.get(0)).toMatchObject({ source_count: 2, sources: sources.map(({ number }) => number) });
    expect(rendered(stateOf(ports(443, 443), { snat: null }), own).sources).toMatchObject([
      { address: '10.0.0.1', ports: null },
    ]);
    expect(() => rendered(stateOf(ports(443, 443), { snat: null }))).toThrow(/no address to come from/);
  });

  test('half-NAT has none', () => {
    const { sources, services } = rendered(stateOf(ports(443, 443), { nat: 'half' }));
    expect(sources).toEqual([]);
    expect(services.get(0)).toMatchObject({ source_count: 0 });
  });
});

test('what may be chosen: ready servers, and those that keep their clients', () => {
  const state = stateOf(ports(443, 443));
  const [first, second] = state.pools[0]?.servers ?? [];
  const servers = [
    { ...first!, selectable: false, keepsClients: true },
    { ...second!, selectable: false },
  ];
  const changed = { ...state, pools: [{ ...state.pools[0]!, servers }] };
  const { pools } = rendered(changed);
  const written = pools.get(0) as { count: number; servers: { selectable: number; weight: number }[] };
  expect(written.count).toBe(2);
  expect(written.servers.slice(0, 2).map(({ selectable, weight }) => [selectable, weight])).toEqual([
    [2, 1],
    [0, 2],
  ]);
});

function wayOf(over: Partial<typeof OPEN>, settings: Partial<PlaneServiceSettings> = {}) {
  const state = stateOf(ports(443, 443), { snat: null, ...settings });
  const { services, sourceAddresses } = rendered(state, own, { ...OPEN, ...over });
  return [(services.get(0) as { short_way: number }).short_way, [...sourceAddresses.values()]];
}

describe('the short way', () => {
  const address = addressValue('10.0.0.1');

  test('is open where nobody else judges, with ports that the system does not give', () => {
    expect(wayOf({})).toEqual([1, [{ address, first_port: 1024, last_port: 32_767 }]]);
    expect(wayOf({}, { nat: 'half' })).toEqual([1, []]);
  });

  test('is closed where somebody does, where the system has all ports, and where servers answer past us', () => {
    expect(wayOf({ isOpen: false })[0]).toBe(0);
    expect(wayOf({ systemPorts: { first: 1024, last: 65_535 } })).toEqual([
      0,
      [{ address, first_port: 0, last_port: 0 }],
    ]);
    expect(wayOf({}, { nat: 'none' })[0]).toBe(0);
  });
});

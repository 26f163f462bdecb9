/** Topologies, NAT modes, addresses of our own, and what fits which data plane. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from './load.ts';
import { configWith, load, LEAST, rulesOf } from './testing.ts';

const TWO = 'mode: two-armed, clientInterface: eth0, serverInterface: eth1, serverAddress: 192.168.0.40/24';
const BRIDGE = 'mode: transparent, bridgePorts: [eth0, eth1], serverAddress: 10.0.0.5/24';
const INSIDE = '{ name: a, address: 192.168.0.41 }';

const two = (more = '', rest: Parameters<typeof configWith>[0] = {}): string =>
  configWith({ servers: INSIDE, ...rest, head: `topology: { ${TWO}${more} }\n${rest?.head ?? ''}` });
const bridge = (more = '', rest: Parameters<typeof configWith>[0] = {}): string =>
  configWith({ ...rest, head: `topology: { ${BRIDGE}${more} }\n${rest?.head ?? ''}` });
const kernel = (rest: Parameters<typeof configWith>[0] = {}): string =>
  configWith({ ...rest, head: 'dataPlane: kernel\ntopology: { interface: eth0 }' });
const oneArmed = (topology: string): string => configWith({ head: `topology: { ${topology} }` });

const many = (count: number): string =>
  Array.from({ length: count }, (_, i) => `{ name: s${i}, address: 10.0.1.${i + 1} }`).join(', ');

/** What is written, and all that is found in it. */
const CASES: readonly (readonly [what: string, text: string, rules: readonly string[]])[] = [
  ['two arms', two(), []],
  [
    'two arms without an address of ours',
    configWith({ head: 'topology: { mode: two-armed, clientInterface: eth0, serverInterface: eth1 }' }),
    [],
  ],
  ['routing with a filter', two(', routing: true, filter: [{ from: 10.0.0.0/8, ports: "135" }]'), []],
  ['half-NAT with two arms', two('', { service: 'ports: [1], nat: half' }), []],
  ['a bridge', bridge(', gateway: 10.0.0.1'), []],
  [
    'direct return',
    configWith({ head: 'topology: { interface: eth0 }', service: 'ports: [1], nat: none' }),
    [],
  ],
  ['the kernel on one arm', kernel(), []],
  [
    'nothing but a router',
    `version: 1\ntopology: { ${TWO}, routing: true }\npools: []\nvirtualServices: []\n`,
    [],
  ],
  ['what is off by default, written out', oneArmed('routing: false, filter: []'), []],

  ['a key of another mode', oneArmed('clientInterface: eth0'), ['error CONFIG_TOPOLOGY_KEY']],
  ['routing with one arm', oneArmed('routing: true'), ['error CONFIG_TOPOLOGY_KEY']],
  [
    'two arms without their interfaces',
    oneArmed('mode: two-armed'),
    ['error CONFIG_TOPOLOGY_KEY', 'error CONFIG_TOPOLOGY_KEY'],
  ],
  [
    'a bridge without ports and address',
    oneArmed('mode: transparent'),
    ['error CONFIG_TOPOLOGY_KEY', 'error CONFIG_TOPOLOGY_KEY'],
  ],
  [
    'a bridge of one port',
    oneArmed('mode: transparent, bridgePorts: [eth0], serverAddress: 10.0.0.5/24'),
    ['error CONFIG_INVALID'],
  ],
  [
    'a bridge of the same port',
    oneArmed('mode: transparent, bridgePorts: [eth0, eth0], serverAddress: 10.0.0.5/24'),
    ['error CONFIG_TOPOLOGY_KEY'],
  ],
  [
    'the same interface twice',
    oneArmed('mode: two-armed, clientInterface: eth0, serverInterface: eth0'),
    ['error CONFIG_TOPOLOGY_KEY'],
  ],
  ['a filter without routing', two(', filter: [{ protocol: tcp }]'), ['error CONFIG_TOPOLOGY_KEY']],
  [
    'ports of ICMP',
    two(', routing: true, filter: [{ protocol: icmp, ports: "1" }]'),
    ['error CONFIG_TOPOLOGY_KEY'],
  ],
  ['a gateway elsewhere', bridge(', gateway: 10.9.0.1'), ['error CONFIG_TOPOLOGY_KEY']],
  [
    'an address without its network',
    oneArmed('mode: transparent, bridgePorts: [a, b], serverAddress: 10.0.0.5'),
    ['error CONFIG_INVALID'],
  ],
  [
    'a network in place of an address',
    oneArmed('mode: transparent, bridgePorts: [a, b], serverAddress: 10.0.0.0/24'),
    ['error CONFIG_INVALID'],
  ],
  [
    'an address in place of a network',
    two(', routing: true, filter: [{ from: 10.0.0.5/24 }]'),
    ['error CONFIG_INVALID'],
  ],

  [
    'a server outside',
    two('', { servers: '{ name: a, address: 10.0.0.41 }' }),
    ['error CONFIG_SERVER_NETWORK'],
  ],
  [
    'a VIP that is ours',
    two('', { more: '  - { name: t, vip: 192.168.0.40, pool: p, ports: [1] }' }),
    ['error CONFIG_ADDRESS_TWICE'],
  ],
  [
    'a VIP in a SNAT pool',
    configWith({ service: 'ports: [1], snatPool: [10.0.0.39-10.0.0.40]' }),
    ['error CONFIG_ADDRESS_TWICE'],
  ],
  [
    'a VIP in a SNAT pool of the proxy',
    configWith({ head: 'dataPlane: proxy', service: 'ports: [1], snatPool: [10.0.0.39-10.0.0.40]' }),
    [],
  ],
  [
    'a server in a SNAT pool',
    configWith({ service: 'ports: [1], snatPool: [10.0.0.41]' }),
    ['error CONFIG_ADDRESS_TWICE'],
  ],
  ['our address in a SNAT pool', two('', { service: 'ports: [1], snatPool: [192.168.0.40]' }), []],

  ['half-NAT with one arm', configWith({ service: 'ports: [1], nat: half' }), ['error CONFIG_NAT']],
  ['half-NAT by a bridge', bridge('', { service: 'ports: [1], nat: half' }), ['error CONFIG_NAT']],
  [
    'half-NAT with a SNAT pool',
    two('', { service: 'ports: [1], nat: half, snatPool: [192.168.0.44]' }),
    ['error CONFIG_NAT'],
  ],
  [
    'half-NAT of an Enterprise pool',
    LEAST.replace('pool: ocspool }', 'pool: ocspool, nat: half }'),
    ['error R18'],
  ],
  [
    'direct return of an Enterprise pool',
    LEAST.replace('pool: ocspool }', 'pool: ocspool, nat: none }'),
    ['error R19'],
  ],
  [
    'direct return to other ports',
    configWith({
      head: 'topology: { interface: eth0 }',
      service: 'ports: [{ port: 443, serverPort: 4443 }], nat: none',
    }),
    ['error CONFIG_NAT'],
  ],
  ['direct return with two arms', two('', { service: 'ports: [1], nat: none' }), ['error CONFIG_NAT']],

  [
    'half-NAT by the proxy',
    two('', { head: 'dataPlane: proxy', service: 'ports: [1], nat: half' }),
    ['error CONFIG_NEEDS_KERNEL'],
  ],
  [
    'routing by the proxy',
    two(', routing: true', { head: 'dataPlane: proxy' }),
    ['error CONFIG_NEEDS_KERNEL'],
  ],
  ['a bridge by the proxy', bridge('', { head: 'dataPlane: proxy' }), ['error CONFIG_NEEDS_KERNEL']],
  ['the kernel without an interface', configWith({ head: 'dataPlane: kernel' }), ['error CONFIG_KERNEL']],
  [
    'the kernel and loopback',
    kernel({ servers: '{ name: a, address: 127.0.0.1 }' }),
    ['error CONFIG_KERNEL'],
  ],
  [
    'the kernel and both families',
    kernel({ servers: '{ name: a, address: "2001:db8::1" }' }),
    ['error CONFIG_KERNEL'],
  ],
  ['the kernel and 64 servers', kernel({ servers: many(64) }), ['error CONFIG_KERNEL']],
  ['63 servers', kernel({ servers: many(63) }), []],
  [
    'the kernel and mapped ranges',
    kernel({ servers: many(2), service: 'ports: [{ port: "1-32767", serverPort: 2 }]' }),
    ['error CONFIG_KERNEL'],
  ],
  [
    'mapped ranges that fit',
    kernel({ servers: many(2), service: 'ports: [{ port: "1-32766", serverPort: 2 }]' }),
    [],
  ],
  [
    'the kernel and scattered ports',
    kernel({ service: `ports: [${Array.from({ length: 65 }, (_, i) => 2 * i + 1).join(', ')}]` }),
    ['error CONFIG_KERNEL'],
  ],
  [
    'neighbouring ports',
    kernel({ service: `ports: [${Array.from({ length: 65 }, (_, i) => i + 1).join(', ')}]` }),
    [],
  ],
];

describe('a config with', () => {
  it.each(CASES)('%s', (_, text, rules) => {
    expect(rulesOf(text)).toEqual(rules);
  });
});

it.each(CASES.filter(([, , rules]) => rules.length > 0 && !rules.includes('error CONFIG_INVALID')))(
  '%s: says what to write instead',
  (_, text) => {
    expect(parseConfig(text, 'c.yaml').findings.map(({ hint }) => hint)).not.toContain('');
  },
);

it('mapped ranges are refused with the arithmetic, at their place', () => {
  const service = 'ports: [{ port: "1-32767", serverPort: 2 }]';
  expect(parseConfig(kernel({ servers: many(2), service }), 'c.yaml').findings).toMatchObject([
    {
      line: 7,
      message:
        'Not for the kernel data plane: servers and mapped ports need 2 + 32767 ports × 2 servers = 65536 translations, and 65534 are the most.',
      hint: 'Let long ranges have the same ports on the servers, or write `dataPlane: proxy`.',
    },
  ]);
});

it('what needs the kernel is not told to take the proxy', () => {
  const servers = `${INSIDE}, { name: b, address: "2001:db8::1" }`;
  const [finding] = parseConfig(two('', { servers, service: 'ports: [1], nat: half' }), 'c.yaml').findings;
  expect(finding).toMatchObject({
    rule: 'CONFIG_KERNEL',
    message:
      'Not for the kernel data plane, which half-NAT needs: the VIP 10.0.0.40 and the server 2001:db8::1 are of different families.',
    hint: 'Give the VIP servers of its family.',
  });
});

function snat(text: string) {
  return load(text).effective.services[0]?.snat ?? null;
}

describe('where connections come from without a SNAT pool', () => {
  it("is the balancer's address for the servers", () => {
    expect(snat(two())).toEqual({ addresses: ['192.168.0.40'], ports: null });
    expect(snat(bridge())).toEqual({ addresses: ['10.0.0.5'], ports: null });
  });

  it('is left to the routes where a server is elsewhere, or the client keeps its own', () => {
    expect(snat(bridge('', { servers: '{ name: a, address: 10.7.0.1 }' }))).toBeNull();
    expect(snat(two('', { service: 'ports: [1], nat: half' }))).toBeNull();
    expect(snat(configWith())).toBeNull();
  });
});

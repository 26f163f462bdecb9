/** What the planted faults do not show: where a lint must be silent, and where its arithmetic turns. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/load.ts';
import { configWith, LEAST } from '../../config/testing.ts';
import { notPublic } from './public.ts';

function found(text: string): string[] {
  return parseConfig(text, 'c.yaml').findings.map(
    ({ rule, severity, line }) => `${line} ${severity} ${rule}`,
  );
}

const inLeast = (from: string, to: string): string => LEAST.replace(from, to);
const service = (rest: string): string => inLeast('pool: ocspool }', `pool: ocspool, ${rest} }`);
const ALL = '80, 135, 443, 444, 5061, 5065, 5069, 5071, 5072, 5073, 5074, 8404';
const edge = (side: string, servers: string): string =>
  `  - { name: ${side}, profile: ocs-2007-r2/edge-${side}, realServers: [${servers}] }\n`;
const two = (more: string): string =>
  `topology: { mode: two-armed, clientInterface: a, serverInterface: b, serverAddress: 192.168.0.40/24${more} }\n`;
const LEAST_INSIDE = LEAST.replaceAll(/10\.0\.0\.(4[12])/g, '192.168.0.$1').replace('version: 1\n', '');
const routed = (more: string): string => `version: 1\n${two(more)}${LEAST_INSIDE}`;
const snat = (most: number, servers: string): string =>
  configWith({
    servers,
    service: `ports: [1], maxConnections: ${most}, snatPool: [10.0.9.1], snatPorts: 1001-2000`,
  });
const EVEN = '{ name: a, address: 10.0.0.1 }, { name: b, address: 10.0.0.2 }';

const CASES: readonly (readonly [what: string, text: string, found: readonly string[]])[] = [
  [
    'plain SIP switched off, and its port left out',
    inLeast('realServers', 'options: { plainSip: false }\n    realServers').replace(
      'pool: ocspool }',
      `pool: ocspool, ports: [${ALL}] }`,
    ),
    [],
  ],
  ['ports in ranges', service('ports: [80, 135, "443-444", "5060-5079", 8404]'), []],
  [
    'a port that is switched off, left out',
    inLeast('realServers', 'options: { monitoringServer: false }\n    realServers').replace(
      'pool: ocspool }',
      `pool: ocspool, ports: [${ALL.replace('5069, ', '')}] }`,
    ),
    [],
  ],
  [
    'a range that leads elsewhere',
    service(`ports: [80, 135, 443, 444, { port: "5060-5079", serverPort: 6060 }, 8404]`),
    ['7 warning R5'],
  ],
  [
    'ports shared out, and one of them nowhere',
    inLeast(
      'pool: ocspool }',
      `pool: ocspool, ports: [${ALL.replace(', 444', '').replace(', 8404', '')}] }\n  - { name: more, vip: 10.0.0.39, pool: ocspool, ports: [444] }`,
    ),
    ['7 warning R5'],
  ],
  [
    'a VIP of each family',
    inLeast('pool: ocspool }', 'pool: ocspool }\n  - { name: six, vip: "2001:db8::40", pool: ocspool }'),
    [],
  ],
  [
    'one service a port, on one VIP',
    inLeast(
      'pool: ocspool }',
      `pool: ocspool, ports: [${ALL.replace(', 444', '')}] }\n  - { name: more, vip: 10.0.0.40, pool: ocspool, ports: [444] }`,
    ),
    [],
  ],

  [
    'persistence for web alone',
    service(`ports: [443], persistence: { type: source-ip }`).replace(
      'profile: ocs-2007-r2/enterprise-pool',
      'profile: generic/https',
    ),
    [],
  ],
  [
    'persistence for any port without a profile',
    configWith({ service: 'ports: [443], persistence: { type: source-ip }' }),
    [],
  ],
  ['no persistence, said aloud', service('persistence: { type: none }'), []],
  [
    'persistence on a range with 5060 in it',
    configWith({ service: 'ports: ["5000-5070"], persistence: { type: source-ip }' }),
    ['6 warning R6'],
  ],

  [
    'equal weights that the scheduler does not use',
    configWith({
      servers: '{ name: a, address: 10.0.0.1, weight: 5 }, { name: b, address: 10.0.0.2, weight: 5 }',
      service: 'ports: [1], scheduler: rr',
    }),
    [],
  ],
  [
    'weight 0, which is drain, beside 1',
    configWith({
      servers: '{ name: a, address: 10.0.0.1, weight: 0 }, { name: b, address: 10.0.0.2 }',
      service: 'ports: [1], scheduler: lc',
    }),
    [],
  ],
  [
    'another scheduler in defaults, over which the profile goes',
    LEAST.replace('pools:', 'defaults: { scheduler: rr }\npools:'),
    [],
  ],
  [
    'no weights with rr, of a profile that says nothing',
    configWith({ servers: EVEN, service: 'ports: [1], scheduler: rr' }),
    [],
  ],
  [
    'a scheduler without weights in defaults, at its place',
    configWith({
      head: 'defaults: { scheduler: rr }',
      servers: '{ name: a, address: 10.0.0.1, weight: 2 }, { name: b, address: 10.0.0.2 }',
      service: 'ports: [1]',
    }),
    ['2 warning R8'],
  ],

  ['half an hour to the millisecond', service('timeouts: { idle: 1800000ms }'), []],
  [
    'short timeouts in defaults, over which the profile goes',
    LEAST.replace('pools:', 'defaults: { timeouts: { idle: 1m } }\npools:'),
    [],
  ],
  [
    'an empty list of checks: what is missing, once each',
    inLeast('realServers', 'healthChecks: []\n    realServers'),
    ['5 warning R11', '5 warning R12'],
  ],
  [
    '5060 in place of 5061, and 444 by TLS',
    inLeast(
      'realServers',
      'healthChecks: [{ type: sip, port: 5060 }, { type: tls, port: 444 }]\n    realServers',
    ),
    [],
  ],

  ['as many connections as there are ports, with one server down too', snat(1000, EVEN), []],
  ['one more', snat(1001, EVEN), ['6 warning R21']],
  [
    'a server whose own limit keeps it',
    snat(
      1001,
      '{ name: a, address: 10.0.0.1, maxConnections: 900 }, { name: b, address: 10.0.0.2, maxConnections: 900 }',
    ),
    [],
  ],
  [
    'a third server that drains does not count',
    snat(1900, `${EVEN}, { name: c, address: 10.0.0.3, weight: 0 }`),
    ['6 warning R21'],
  ],
  ['no limit at all', configWith({ service: 'ports: [1], snatPool: [10.0.9.1], snatPorts: 1001-1002' }), []],
  [
    'addresses of the other family do not count',
    configWith({
      service: 'ports: [1], maxConnections: 1500, snatPool: [10.0.9.1, "2001:db8::9"], snatPorts: 1001-2000',
    }),
    ['6 warning R21'],
  ],

  ['a public VIP and private servers on one arm', inLeast('vip: 10.0.0.40', 'vip: 203.0.113.40'), []],
  ['two private networks and two arms', routed(', routing: true'), []],
  [
    'two arms without routing, and a pool of no product',
    `version: 1\n${two('')}${LEAST_INSIDE.replace('ocs-2007-r2/enterprise-pool', 'generic/sips')}`,
    [],
  ],
  [
    'a filter that lets everything through',
    routed(', routing: true, filter: [{ protocol: tcp }, { protocol: udp }]'),
    [],
  ],
  [
    'a filter for the servers one by one',
    routed(', routing: true, filter: [{ to: 192.168.0.41 }, { from: 192.168.0.0/24 }]'),
    ['2 warning R25'],
  ],
  [
    'a filter with the port of the directory in a range',
    routed(', routing: true, filter: [{ to: 192.168.0.0/24 }, { from: 192.168.0.0/24, ports: "88-139" }]'),
    [],
  ],
  [
    'a filter that lets servers ask by UDP alone',
    routed(
      ', routing: true, filter: [{ to: 192.168.0.0/24, protocol: udp }, { from: 192.168.0.0/24, protocol: udp }]',
    ),
    ['2 warning R30'],
  ],

  ['one server without a product', configWith(), []],
  [
    'the same server in two pools of two VIPs',
    LEAST.replace(
      'virtualServices:',
      '  - { name: other, realServers: [{ name: fe01, address: 10.0.0.41 }] }\nvirtualServices:',
    ) + '  - { name: o, vip: 10.0.0.39, pool: other, ports: [9000] }\n',
    [],
  ],
  [
    'Edge Servers with a name on either side',
    `version: 1\npools:\n${edge('internal', '{ name: e, fqdn: e.contoso.com, address: 10.0.1.1 }, { name: f, fqdn: f.contoso.com, address: 10.0.1.2 }')}${edge('external-access', '{ name: x, fqdn: E.contoso.com, address: 203.0.113.1 }, { name: y, fqdn: f.contoso.com, address: 203.0.113.2 }')}virtualServices:\n  - { name: i, vip: 10.0.1.9, pool: internal }\n  - { name: o, vip: 203.0.113.9, pool: external-access }\n`,
    [],
  ],
  [
    'a fallback that is SIP too',
    inLeast('realServers', 'fallback: { address: 10.0.0.99, port: 5061 }\n    realServers'),
    [],
  ],
  [
    'a fallback on the ports of the VIP',
    inLeast('realServers', 'fallback: { address: 10.0.0.99 }\n    realServers'),
    [],
  ],
  [
    'a fallback of HTTP behind HTTPS',
    configWith({ pool: 'fallback: { address: 10.0.0.99, port: 80 }', service: 'ports: [443]' }),
    [],
  ],
];

describe('a config with', () => {
  it.each(CASES)('%s', (_, text, expected) => {
    expect(found(text)).toEqual(expected);
  });
});

it('rules speak also where something else is refused', () => {
  const text = service('nat: half').replace('pools:', 'topology: { mode: two-armd }\npools:');
  expect(found(text)).toEqual(['2 error CONFIG_INVALID', '8 error R18']);
});

describe('an address', () => {
  it.each([
    '203.0.113.1',
    '192.0.2.1',
    '198.51.100.1',
    '2001:db8::1',
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1',
  ])('%s passes for public', (address) => {
    expect(notPublic(address)).toBeNull();
  });

  it.each([
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.254',
    '192.168.9.9',
    '100.64.0.1',
    '100.127.255.254',
    '127.0.0.1',
    '169.254.1.1',
    '198.18.0.1',
    'fd00::1',
    '::1',
  ])('%s does not', (address) => {
    expect(notPublic(address)).not.toBeNull();
  });
});

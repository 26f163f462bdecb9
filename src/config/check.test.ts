import { describe, expect, it } from 'vitest';
import { NOT_AVAILABLE } from '../model/not-available.ts';
import { parseConfig } from './load.ts';
import { configWith, LEAST, rulesOf } from './testing.ts';

const two = (a: string, b: string): string => `{ name: a, address: ${a} }, { name: b, address: ${b} }`;
const service = (rest: string): string => `  - { name: t, ${rest} }`;
const inLeast = (from: string, to: string): string => LEAST.replace(from, to);

/** What is written, and all that is found in it. */
const CASES: readonly (readonly [what: string, text: string, rules: readonly string[]])[] = [
  ['nothing', configWith(), []],
  [
    'servers of another family than the VIP',
    configWith({ servers: '{ name: a, address: "2001:db8::1" }' }),
    [],
  ],
  [
    'one-armed without an interface',
    configWith({ head: 'topology: { mode: one-armed, routing: false, filter: [] }' }),
    [],
  ],
  ['an interface for the VIPs', configWith({ head: 'topology: { interface: eth0 }' }), []],
  [
    'limits of zero',
    configWith({ service: 'ports: [1], maxConnections: 0, limits: { connectionsPerSource: 0 }' }),
    [],
  ],
  ['keepPersistence: false', configWith({ pool: 'drain: { keepPersistence: false }' }), []],
  ['neighbouring ports', configWith({ service: 'ports: [1, "2-3", 4]' }), []],
  ['the same port on two VIPs', configWith({ more: service('vip: 10.0.0.39, pool: p, ports: [5061]') }), []],
  [
    'two servers of one name',
    configWith({ servers: '{ name: a, address: 10.0.0.1 }, { name: a, address: 10.0.0.2 }' }),
    ['error CONFIG_DUPLICATE_NAME'],
  ],
  [
    'two services of one name',
    configWith({ more: '  - { name: s, vip: 10.0.0.39, pool: p, ports: [1] }' }),
    ['error CONFIG_DUPLICATE_NAME'],
  ],
  [
    'an unknown pool',
    configWith({ more: service('vip: 10.0.0.39, pool: pp, ports: [1]') }),
    ['error CONFIG_UNKNOWN_POOL'],
  ],
  ['an unknown profile', configWith({ pool: 'profile: generic/ucp' }), ['error CONFIG_UNKNOWN_PROFILE']],
  [
    'an unknown option',
    inLeast('realServers', 'options: { plainSIP: true }\n    realServers'),
    ['error CONFIG_UNKNOWN_OPTION'],
  ],
  [
    'options without a profile',
    configWith({ pool: 'options: { plainSip: true }' }),
    ['error CONFIG_UNKNOWN_OPTION'],
  ],
  ['no ports and no profile', configWith({ service: '' }), ['error CONFIG_NO_PORTS']],
  [
    'no ports and a profile without',
    configWith({ pool: 'profile: generic/tcp', service: '' }),
    ['error CONFIG_NO_PORTS'],
  ],
  ['a port twice', configWith({ service: 'ports: [5061, 5061]' }), ['error CONFIG_DUPLICATE_PORT']],
  [
    'a port once for each protocol',
    configWith({
      service: 'ports: [3478, { port: 3478, protocol: udp }, { port: "3470-3477", protocol: udp }]',
    }),
    [],
  ],
  [
    'a UDP port twice',
    configWith({ service: 'ports: [1, { port: "10-20", protocol: udp }, { port: 15, protocol: udp }]' }),
    ['error CONFIG_DUPLICATE_PORT'],
  ],
  [
    'UDP ports only, and no checks',
    configWith({ service: 'ports: [{ port: 3478, protocol: udp }]' }),
    ['warning CONFIG_NO_HEALTH_CHECKS'],
  ],
  [
    'UDP ports only, with a check',
    configWith({
      pool: 'healthChecks: [{ type: tcp, port: 3478 }]',
      service: 'ports: [{ port: 3478, protocol: udp }], timeouts: { udpIdle: 5m }',
    }),
    [],
  ],
  [
    'the port of the admin API, by UDP',
    configWith({ service: 'ports: [1, { port: 9080, protocol: udp }]' }).replace(
      'vip: 10.0.0.40',
      'vip: 127.0.0.1',
    ),
    [],
  ],
  [
    'a server that is the VIP by the other protocol',
    configWith({
      servers: '{ name: a, address: 10.0.0.40 }',
      service: 'ports: [{ port: 3478, serverPort: 3479 }, { port: 3479, protocol: udp, serverPort: 3480 }]',
    }),
    ['warning CONFIG_SERVER_IS_VIP'],
  ],
  [
    'overlapping ranges',
    configWith({ service: 'ports: ["10-20", "15-30"]' }),
    ['error CONFIG_DUPLICATE_PORT'],
  ],
  [
    'a port twice within a range: said once',
    configWith({ service: 'ports: [443, 443, "440-450"]' }),
    ['error CONFIG_DUPLICATE_PORT'],
  ],
  [
    'a range in a range, and one after',
    configWith({ service: 'ports: ["10-90", 20, 50]' }),
    ['error CONFIG_DUPLICATE_PORT', 'error CONFIG_DUPLICATE_PORT'],
  ],
  [
    'overlap of two services',
    configWith({ more: service('vip: 10.0.0.40, pool: p, ports: ["5000-6000"]') }),
    ['error CONFIG_DUPLICATE_PORT'],
  ],
  [
    'one VIP in two spellings',
    configWith({
      more:
        service('vip: "2001:db8::1", pool: p, ports: [1]') +
        service('vip: "2001:DB8:0::1", pool: p, ports: [1]').replace('  - { name: t', '\n  - { name: u'),
    }),
    ['error CONFIG_DUPLICATE_PORT'],
  ],
  [
    'a port that the profile has, too',
    inLeast(
      'pool: ocspool }',
      'pool: ocspool }\n  - { name: t, vip: 10.0.0.40, pool: ocspool, ports: [443] }',
    ),
    ['error CONFIG_DUPLICATE_PORT'],
  ],
  [
    'a mapping beyond the last port',
    configWith({ service: 'ports: [{ port: "100-200", serverPort: 65500 }]' }),
    ['error CONFIG_PORT_OVERFLOW'],
  ],
  [
    'a mapping up to the last port',
    configWith({ service: 'ports: [{ port: "100-135", serverPort: 65500 }]' }),
    [],
  ],
  [
    'too many ports',
    configWith({
      service: 'ports: ["1-60000"]',
      more: service('vip: 10.0.0.39, pool: p, ports: ["1-60000"]'),
    }),
    ['error CONFIG_TOO_MANY_PORTS'],
  ],
  [
    'the port of the admin API',
    configWith({ service: 'ports: [9080]' }).replace('vip: 10.0.0.40', 'vip: 127.0.0.1'),
    ['error CONFIG_ADMIN_PORT'],
  ],
  [
    'a server that is the VIP',
    configWith({ servers: '{ name: a, address: 10.0.0.40 }' }),
    ['error CONFIG_SERVER_IS_VIP'],
  ],
  [
    'a server that is the VIP by other ports',
    configWith({
      servers: '{ name: a, address: 10.0.0.40 }',
      service: 'ports: [{ port: 443, serverPort: 4443 }]',
    }),
    ['warning CONFIG_SERVER_IS_VIP'],
  ],
  [
    'a server that is the VIP of another service',
    configWith({
      servers: '{ name: a, address: 10.0.0.39 }',
      more: service('vip: 10.0.0.39, pool: p, ports: [5061]'),
    }),
    ['error CONFIG_SERVER_IS_VIP'],
  ],
  [
    'a fallback that is the VIP',
    configWith({ pool: 'fallback: { address: 10.0.0.40 }' }),
    ['error CONFIG_SERVER_IS_VIP'],
  ],
  [
    'a fallback on another port of the VIP',
    configWith({ pool: 'fallback: { address: 10.0.0.40, port: 1 }' }),
    ['warning CONFIG_SERVER_IS_VIP', 'warning CONFIG_FALLBACK_PORT'],
  ],
  [
    'a server twice',
    configWith({ servers: two('10.0.0.1', '10.0.0.1') }),
    ['error CONFIG_DUPLICATE_ADDRESS'],
  ],
  [
    'a server twice, spelt otherwise',
    configWith({ servers: two('"2001:db8::1"', '"2001:DB8:0::1"') }),
    ['error CONFIG_DUPLICATE_ADDRESS'],
  ],
  [
    'a check twice',
    configWith({ pool: 'healthChecks: [{ type: tcp, port: 1 }, { type: tcp, port: 1 }]' }),
    ['error CONFIG_DUPLICATE_CHECK'],
  ],
  [
    'an unused pool',
    inLeast(
      'virtualServices:',
      '  - { name: q, realServers: [{ name: a, address: 10.0.0.1 }] }\nvirtualServices:',
    ),
    ['warning CONFIG_UNUSED_POOL'],
  ],
  ['a pool without servers', configWith({ servers: '' }), ['warning CONFIG_NO_SERVERS']],
  ['nothing at all', 'version: 1\npools: []\nvirtualServices: []\n', ['warning CONFIG_NO_SERVICES']],
  [
    'weights all 0',
    configWith({ servers: '{ name: a, address: 10.0.0.1, weight: 0 }' }),
    ['warning CONFIG_ALL_WEIGHTS_ZERO'],
  ],
  ['no health checks', configWith({ pool: 'healthChecks: []' }), ['warning CONFIG_NO_HEALTH_CHECKS']],
  [
    'a probe longer than the interval',
    configWith({ pool: 'healthChecks: [{ type: tcp, port: 1, interval: 1s }]' }),
    ['warning CONFIG_SLOW_PROBE'],
  ],
  [
    'the same in defaults, once',
    LEAST.replace('pools:', 'defaults: { healthCheck: { interval: 6s, timeout: 7s } }\npools:'),
    ['warning CONFIG_SLOW_PROBE'],
  ],
  [
    'a short idle timeout',
    inLeast('pool: ocspool }', 'pool: ocspool, timeouts: { idle: 29m } }'),
    ['warning R10'],
  ],
  [
    'a short idle timeout of any TCP service',
    configWith({ service: 'ports: [1], timeouts: { idle: 1m }' }),
    [],
  ],
  [
    'checks too often',
    LEAST.replace('pools:', 'defaults: { healthCheck: { interval: 4s } }\npools:'),
    ['warning R15'],
  ],
  [
    'no check of 444',
    inLeast('realServers', 'healthChecks: [{ type: tcp, port: 5061 }]\n    realServers'),
    ['warning R12'],
  ],
  [
    'neither 5060 nor 5061, nor 444',
    inLeast('realServers', 'healthChecks: [{ type: tcp, port: 443 }]\n    realServers'),
    ['warning R11', 'warning R12'],
  ],
  [
    '5060 for 5061',
    inLeast(
      'realServers',
      'healthChecks: [{ type: tcp, port: 5060 }, { type: tcp, port: 444 }]\n    realServers',
    ),
    [],
  ],
];

describe('a config with', () => {
  it.each(CASES)('%s', (_, text, rules) => {
    expect(rulesOf(text)).toEqual(rules);
    const refused = rules.some((r) => r.startsWith('error'));
    expect(parseConfig(text, 'c.yaml').config === null).toBe(refused);
  });
});

/** One way to write each row of the table. */
const UNAVAILABLE: readonly (readonly [key: string, text: string])[] = [
  ['admin.listen', configWith({ head: 'admin: { listen: "0.0.0.0:9080" }' })],
];

describe('what is not available yet', () => {
  it.each(UNAVAILABLE)('%s is refused, and says what to write instead', (_, text) => {
    const { config, findings } = parseConfig(text, 'c.yaml');
    expect(config).toBeNull();
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: 'NOT_AVAILABLE',
      message: expect.stringContaining('is not available yet'),
    });
    expect(findings[0]?.hint).toMatch(/^(Write|Leave)/);
  });

  it('is tried here, all of it', () => {
    expect(UNAVAILABLE.map(([key]) => key)).toEqual(NOT_AVAILABLE.map((row) => row.key));
  });
});

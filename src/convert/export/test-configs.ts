/** Configs that have, between them, every key in every form that an export treats by itself. */
import { pool } from './testing.ts';

const FULL_CHECKS = `healthChecks:
  - { type: tcp, port: 135 }
  - { type: tls, port: 444, minDaysLeft: 14 }
  - { type: https, port: 443, path: '/a%20b?c=d&"e"$f{g}#h', expectStatus: [200, 405], expectBody: 'it''s "$5" \\ {100%} #1 ü' }
  - { type: sip, port: 5061, verify: true, caFile: /etc/ssl/certs/ca-certificates.crt }
  - { type: sip, port: 5060, transport: tcp, expectStatus: [200], interval: 7s }
  - { type: stun, port: 3478 }`;

const V6_SERVERS = '{ name: web01, address: "2001:db8::51" }, { name: web02, address: "2001:db8::52" }';
const BOTH = '{ name: web01, address: 10.0.0.51 }, { name: web02, address: "2001:db8::52" }';

function services(...all: string[]): string {
  return `version: 1
pools: [{ name: web, realServers: [{ name: web01, address: 10.0.0.51 }, { name: web02, address: 10.0.0.52 }] }]
virtualServices:
${all.map((service) => `  - { pool: web, ${service} }`).join('\n')}
`;
}

function twoArmed(routing: string, service = ''): string {
  const arms = 'clientInterface: eth0, serverInterface: eth1, serverAddress: 192.168.0.40/24';
  return `version: 1
dataPlane: kernel
topology: { mode: two-armed, ${arms}, ${routing} }
pools: [{ name: web, realServers: [{ name: web01, address: 192.168.0.51 }] }]
virtualServices: [{ name: www, vip: 10.0.0.50, pool: web, ports: [443], ${service} }]
`;
}

export const TEST_CONFIGS: Readonly<Record<string, string>> = {
  'the least': pool(),
  'a profile': pool(
    '',
    'profile: generic/tcp\nfqdn: web.contoso.com',
    '',
    '{ name: a, fqdn: a.contoso.com, address: 10.0.0.51 }',
  ),
  'every check': pool('ports: [443, 5060, 5061]', `${FULL_CHECKS}\nfqdn: web.contoso.com`),
  'checks without names': pool(
    'ports: [80, 5060]',
    'healthChecks: [{ type: http, port: 80 }, { type: sip, port: 5060 }]',
  ),
  'http alone, without a name': pool('ports: [80]', 'healthChecks: [{ type: http, port: 80, path: /x }]'),
  'http alone': pool(
    'ports: [80, 443]',
    'healthChecks: [{ type: http, port: 80, expectBody: "a b" }, { type: https, port: 443, expectStatus: [200, 401] }]\nfqdn: web.contoso.com',
  ),
  'too long': pool(
    'ports: [80]',
    `fqdn: web.contoso.com\nhealthChecks: [{ type: http, port: 80, expectBody: "${'ü$'.repeat(500)}" }]`,
  ),
  'too long beside others': pool(
    'ports: [80]',
    `fqdn: web.contoso.com\nhealthChecks: [{ type: tcp, port: 81 }, { type: http, port: 80, path: "/${'$'.repeat(900)}" }]`,
  ),
  'no check': pool('', 'healthChecks: []'),
  'a check by UDP alone': pool('', 'healthChecks: [{ type: stun, port: 3478 }]'),
  'a slow check': pool(
    '',
    'healthChecks: [{ type: tcp, port: 443, interval: 250ms, timeout: 100ms, fall: 1, rise: 1 }]',
  ),
  weights: pool(
    'scheduler: wrr',
    'onDown: keep\ndrain: { timeout: 2h }',
    'shutdownTimeout: 1m',
    '{ name: fallback, address: 10.0.0.51, weight: 65535 }, { name: b, address: 10.0.0.52, weight: 1, admin: maint }, { name: c, address: 10.0.0.53, weight: 0 }, { name: d, address: 10.0.0.54, weight: 3, admin: drain, maxConnections: 9 }',
  ),
  'in turn': pool('scheduler: rr', '', '', '{ name: a, address: 10.0.0.51, weight: 7 }'),
  'the fewest': pool(
    'scheduler: lc',
    '',
    '',
    '{ name: a, address: 10.0.0.51, weight: 7 }, { name: b, address: 10.0.0.52 }',
  ),
  'by the source': pool('scheduler: sh'),
  maglev: pool('scheduler: mh'),
  'nobody is ready': pool('', '', '', '{ name: a, address: 10.0.0.51, admin: maint }'),
  'fallback with a port': pool('ports: [443, 444]', 'fallback: { address: 10.0.0.99, port: 8080 }'),
  'fallback without': pool(
    'ports: [443, { port: 80, serverPort: 8080 }]',
    'fallback: { address: 10.0.0.99 }',
  ),
  persistence: pool('persistence: { type: source-ip, timeout: 90s, maxEntries: 77 }'),
  'persistence through a drain': pool('persistence: { type: source-ip }', 'drain: { keepPersistence: true }'),
  limits: pool(
    'maxConnections: 500\nlimits: { newConnectionsPerSecondPerSource: 5, connectionsPerSource: 6 }\nports: [443, { port: 3478, protocol: udp }]',
  ),
  'limits of IPv6': pool('', '', '', V6_SERVERS).replace(
    'vip: 10.0.0.50',
    'vip: "2001:db8::50"\n    persistence: { type: source-ip }\n    limits: { newConnectionsPerSecondPerSource: 5, connectionsPerSource: 6 }',
  ),
  'timeouts and no redispatch': pool(
    'timeouts: { connect: 1500ms, idle: 100ms, udpIdle: 7s }\nports: [443, { port: 53, protocol: udp }]',
    '',
    'defaults: { redispatch: false }',
  ),
  ports: pool(
    'ports: [443, "50000-50019", { port: 80, serverPort: 8080 }, { port: 81, serverPort: 80 }, { port: 8080, serverPort: 443 }, { port: "600-603", serverPort: 700 }, { port: "3478-3479", protocol: udp }, { port: 53, serverPort: 1053, protocol: udp }]',
  ),
  'many ports': pool('ports: [443, "10000-19999", { port: "20000-20099", serverPort: 30000 }]'),
  'UDP alone beside TCP': services(
    'name: dns, vip: 10.0.0.50, ports: [{ port: 53, protocol: udp }]',
    'name: www, vip: 10.0.0.50, ports: [443]',
  ),
  'SNAT of one address': pool('snatPool: [10.0.0.44]\nsnatPorts: 20000-30000'),
  'SNAT of several': pool('snatPool: [10.0.0.44-10.0.0.46]\nsnatPorts: 20000-30000'),
  'SNAT of both families': pool('snatPool: [10.0.0.44, "2001:db8::44"]', '', '', BOTH),
  'SNAT of IPv6': pool('snatPool: ["2001:db8::44"]\nsnatPorts: 20000-30000', '', '', V6_SERVERS).replace(
    'vip: 10.0.0.50',
    'vip: "2001:db8::50"',
  ),
  'IPv4 before IPv6': pool('', 'fallback: { address: "2001:db8::99" }', '', V6_SERVERS),
  'both families': pool('', '', '', BOTH),
  'services that share a pool': services(
    'name: web, vip: 10.0.0.50, ports: [443]',
    'name: more, vip: "2001:db8::50", ports: [443]',
  ),
  'services that differ': services(
    'name: a, vip: 10.0.0.50, ports: [443]',
    'name: b, vip: 10.0.0.50, ports: [444], scheduler: rr',
    'name: c, vip: 10.0.0.50, ports: [445], scheduler: rr',
    'name: d, vip: 10.0.0.50, ports: [446], timeouts: { idle: 1h }',
  ),
  'names that meet': `version: 1
pools:
  - { name: a, realServers: [{ name: s, address: 10.0.0.51 }] }
  - { name: b, realServers: [{ name: s, address: 10.0.0.52 }] }
  - { name: b-pool, realServers: [{ name: s.1-2_3, address: 10.0.0.53 }] }
virtualServices:
  - { name: b, vip: 10.0.0.50, pool: a, ports: [443] }
  - { name: a, vip: 10.0.0.50, pool: b, ports: [444], limits: { connectionsPerSource: 5 } }
  - { name: a.b, vip: 10.0.0.50, pool: b-pool, ports: [445], limits: { connectionsPerSource: 5 } }
  - { name: a-b, vip: 10.0.0.50, pool: b-pool, ports: [446], limits: { connectionsPerSource: 5 } }
`,
  'a server that is tracked is in maintenance': `version: 1
pools: [{ name: web, realServers: [{ name: a, address: 10.0.0.51, admin: maint }, { name: b, address: 10.0.0.52 }] }]
virtualServices:
  - { name: x, vip: 10.0.0.50, pool: web, ports: [443] }
  - { name: y, vip: 10.0.0.50, pool: web, ports: [444], scheduler: mh }
`,
  'a pool without a service': pool().replace('pools:', 'pools:\n  - { name: spare, realServers: [] }'),
  'an API elsewhere': pool(
    '',
    '',
    'admin: { listen: "[::1]:9081" }\ntopology: { interface: eth0, keepAtStop: true }\ndataPlane: kernel',
  ),
  'half NAT': twoArmed('routing: false', 'nat: half'),
  'a filter': twoArmed(
    'routing: true, filter: [{ protocol: icmp }, { from: 10.0.0.0/24, ports: "135" }, { to: 10.0.0.9, protocol: udp }, { from: "2001:db8::/64", protocol: tcp, ports: "5-9" }]',
  ),
  'everything is routed': twoArmed('routing: true'),
  'direct return': pool('nat: none', '', 'dataPlane: kernel\ntopology: { interface: eth0 }'),
  transparent: pool(
    '',
    '',
    'dataPlane: kernel\ntopology: { mode: transparent, bridgePorts: [eth0, eth1], serverAddress: 10.0.0.5/24 }',
  ),
};

import { describe, expect, it } from 'vitest';
import { complaints, exported, linesOf, pool } from '../testing.ts';
import { TEST_CONFIGS } from '../test-configs.ts';

function lines(yaml: string): string[] {
  return linesOf(exported('nftables', yaml));
}

function named(name: string): string {
  return TEST_CONFIGS[name] ?? '';
}

/** The rules that rewrite the destination. */
function destinations(yaml: string): string[] {
  return lines(yaml).filter((line) => / dnat ip6? to /.test(line));
}

function source(name: string): string | undefined {
  return lines(named(name)).find((line) => line.startsWith('ct status dnat ct original'));
}

/** The rules of what passes beside a VIP. */
function forward(name: string): string[] {
  const all = lines(named(name));
  const at = all.indexOf('chain forward {');
  return at < 0 ? [] : all.slice(at + 5, -2);
}

describe('choosing', () => {
  const three =
    '{ name: a, address: 10.0.0.51, weight: 10 }, { name: b, address: 10.0.0.52, weight: 20 }, { name: c, address: 10.0.0.53, weight: 0 }';

  it.each([
    ['wrr', 'numgen inc mod 3 map { 0 : 10.0.0.51, 1-2 : 10.0.0.52 }'],
    ['wlc', 'numgen inc mod 3 map { 0 : 10.0.0.51, 1-2 : 10.0.0.52 }'],
    ['rr', 'numgen inc mod 2 map { 0 : 10.0.0.51, 1 : 10.0.0.52 }'],
    ['sh', 'jhash ip saddr mod 3 seed 0x706f6f6c map { 0 : 10.0.0.51, 1-2 : 10.0.0.52 }'],
  ])('%s', (scheduler, choice) => {
    expect(destinations(pool(`scheduler: ${scheduler}`, '', '', three))).toEqual([
      `ip daddr 10.0.0.50 tcp dport 443 dnat ip to ${choice}`,
    ]);
  });

  it('persistence by the source’s hash', () => {
    expect(destinations(named('persistence'))[0]).toContain('jhash ip saddr mod 2');
  });

  it('nobody: refused', () => {
    expect(destinations(named('nobody is ready'))).toEqual([]);
    expect(lines(named('nobody is ready'))).toContain(
      'ct state new ip daddr 10.0.0.50 tcp dport 443 goto refuse',
    );
  });
});

it('ports: ranges, mapped ones, UDP', () => {
  const all = destinations(named('ports'));
  expect(all[0]).toMatch(/^ip daddr 10\.0\.0\.50 tcp dport \{ 443, 50000-50019 \} dnat ip to numgen/);
  expect(all).toContainEqual(
    'ip daddr 10.0.0.50 tcp dport 602 dnat ip to numgen inc mod 2 map { 0 : 10.0.0.51 . 702, 1 : 10.0.0.52 . 702 }',
  );
  expect(all).toContainEqual(
    'ip daddr 10.0.0.50 udp dport 53 dnat ip to numgen inc mod 2 map { 0 : 10.0.0.51 . 1053, 1 : 10.0.0.52 . 1053 }',
  );
});

it('sources: the system’s choice, a pool with ports, none with half-NAT', () => {
  expect(source('the least')).toMatch(
    /ct original ip daddr 10\.0\.0\.50 meta l4proto tcp ct original proto-dst 443 masquerade$/,
  );
  expect(source('SNAT of one address')).toMatch(/snat ip to 10\.0\.0\.44:20000-30000$/);
  expect(source('SNAT of IPv6')).toMatch(/snat ip6 to \[2001:db8::44\]:20000-30000$/);
  expect(source('half NAT')).toBeUndefined();
});

it('limits and idle times', () => {
  expect(lines(named('limits'))).toEqual(
    expect.arrayContaining([
      'update @www_rate { ip saddr limit rate over 5/second burst 5 packets } goto refuse',
      'add @www_open { ip saddr ct count over 6 } goto refuse',
      'ct count over 500 goto refuse',
      'ct state new ip daddr 10.0.0.50 udp dport 3478 jump www_limits',
      'ct state new ip daddr 10.0.0.50 tcp dport 443 ct timeout set "tcp_1800"',
      'policy = { unreplied : 60, replied : 60 };',
    ]),
  );
});

it('what passes beside a VIP', () => {
  expect(forward('a filter')).toEqual([
    'meta l4proto { icmp, ipv6-icmp } accept',
    'ip saddr 10.0.0.0/24 meta l4proto { tcp, udp } th dport 135 accept',
    'ip daddr 10.0.0.9 meta l4proto udp accept',
    'ip6 saddr 2001:db8::/64 tcp dport 5-9 accept',
    'drop',
  ]);
  expect(forward('half NAT')).toEqual(['drop']);
  expect(forward('everything is routed')).toEqual([]);
});

it('every check is named as lost', () => {
  const { remarks, text } = exported('nftables', named('every check'));
  expect(remarks.filter(({ path }) => path.includes('healthChecks')).map(({ kind }) => kind)).toEqual(
    Array.from({ length: 6 }, () => 'lost'),
  );
  expect(text).toContain('There are NO HEALTH CHECKS');
});

it.skipIf(process.getuid?.() !== 0)('a wrong file would be noticed', () => {
  expect(complaints('nftables', 'table inet x { chain y { nonsense } }\n')).toContain('ended with 1');
});

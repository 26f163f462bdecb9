import { describe, expect, it } from 'vitest';
import { exported, linesOf, pool } from '../testing.ts';
import { TEST_CONFIGS } from '../test-configs.ts';

function lines(yaml: string): string[] {
  return linesOf(exported('keepalived', yaml));
}

function named(name: string): string {
  return TEST_CONFIGS[name] ?? '';
}

it('a port alone is a virtual server', () => {
  expect(lines(named('the least'))).toEqual([
    'global_defs {',
    'lvs_timeouts tcp 1800 tcpfin 1800 udp 60',
    '}',
    'virtual_server 10.0.0.50 443 {',
    'lvs_sched wlc',
    'lvs_method NAT',
    'protocol TCP',
    'alpha',
    ...['10.0.0.51', '10.0.0.52'].flatMap((address) => [
      `real_server ${address} 443 {`,
      'weight 1',
      'TCP_CHECK {',
      'connect_port 443',
      'connect_timeout 3',
      'delay_loop 5',
      'retry 2',
      'delay_before_retry 5',
      '}',
      '}',
    ]),
    '}',
  ]);
});

describe('ports', () => {
  it('ports that are the same on the servers share a group, and with it the verdict', () => {
    const all = lines(pool('ports: [5061, "444-446"]'));
    expect(all.slice(3, 9)).toEqual([
      'virtual_server_group www {',
      '10.0.0.50 5061',
      '10.0.0.50 444',
      '10.0.0.50 445',
      '10.0.0.50 446',
      '}',
    ]);
    expect(all).toContain('virtual_server group www {');
    expect(all).toContain('real_server 10.0.0.51 {');
  });

  it('mapped ports and UDP', () => {
    const all = lines(named('ports'));
    const at = all.indexOf('virtual_server 10.0.0.50 601 {');
    expect(all.slice(at, at + 6)).toContain('real_server 10.0.0.51 701 {');
    expect(all).toContain('virtual_server_group www:udp {');
    expect(all).toContain('protocol UDP');
  });

  it('too many are named', () => {
    const { remarks } = exported('keepalived', named('many ports'));
    expect(remarks.filter((r) => r.kind === 'lost' && r.path.endsWith('.ports')).map((r) => r.value)).toEqual(
      ['10000-19999', '20000-20099 to 30000-30099'],
    );
  });
});

describe('checks', () => {
  const all = lines(named('every check'));

  it('HTTP with status, host and text', () => {
    const at = all.indexOf('SSL_GET {');
    expect(all.slice(at + 6, at + 14)).toEqual([
      'enable_sni',
      'http_protocol 1.1',
      'url {',
      'path /a%20b?c=d&%22e%22%24f%7Bg%7D%23h',
      'status_code 200 405',
      'virtualhost web.contoso.com',
      expect.stringMatching(String.raw`^regex "it\\\\x27s\\\\x20.*\\\\xc3\\\\xbc"$`),
      '}',
    ]);
  });

  it('STUN by a Binding request; what it does not speak sees the port', () => {
    expect(all).toContain('require_reply 0101XXXX2112A442504F4F4C474154452D2D2D2D');
    expect(all.filter((line) => line === 'TCP_CHECK {')).toHaveLength(2 * 4);
  });

  it('fall, and times below a second', () => {
    const fast = lines(named('a slow check'));
    expect(fast).toEqual(expect.arrayContaining(['delay_loop 0.25', 'connect_timeout 0.1', 'retry 0']));
  });
});

it('weights, drain, maintenance, limits, onDown', () => {
  const all = lines(named('weights'));
  expect(all.filter((line) => /^(real_server|weight|uthreshold|inhibit)/.test(line)).join(', ')).toBe(
    'real_server 10.0.0.51 443 {, weight 65535, inhibit_on_failure, ' +
      'real_server 10.0.0.53 443 {, weight 0, inhibit_on_failure, ' +
      'real_server 10.0.0.54 443 {, weight 0, uthreshold 9, inhibit_on_failure',
  );
  expect(exported('keepalived', named('weights')).text).toContain(
    '# changed: pools[web].realServers[b].admin maint (10.0.0.52, weight 1): the server is left out',
  );
});

it('fallback, persistence, methods', () => {
  expect(lines(named('fallback with a port'))).toContain('sorry_server 10.0.0.99 8080');
  expect(lines(named('fallback without'))).toEqual(
    expect.arrayContaining(['sorry_server 10.0.0.99 443', 'sorry_server 10.0.0.99 8080']),
  );
  expect(lines(named('persistence'))).toContain('persistence_timeout 90');
  expect(lines(named('direct return'))).toContain('lvs_method DR');
});

it('full NAT wants a table of nftables, which stands in the head', () => {
  const { text } = exported('keepalived', named('SNAT of several'));
  expect(text).toContain(
    '#           ip daddr { 10.0.0.51, 10.0.0.52 } tcp dport 443 snat ip to numgen inc mod 3 map { 0 : 10.0.0.44, 1 : 10.0.0.45, 2 : 10.0.0.46 } : 20000-30000',
  );
  expect(exported('keepalived', named('half NAT')).text).not.toContain('postrouting');
});

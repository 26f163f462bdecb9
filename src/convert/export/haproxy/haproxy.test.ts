import { describe, expect, it } from 'vitest';
import { exported, linesOf, pool } from '../testing.ts';
import { TEST_CONFIGS } from '../test-configs.ts';

function lines(yaml: string): string[] {
  return linesOf(exported('haproxy', yaml));
}

/** Of the section with this head, without it. */
function section(yaml: string, head: string): string[] {
  const { text } = exported('haproxy', yaml);
  const found = text.split('\n\n').find((part) => part.startsWith(`${head}\n`));
  if (found === undefined) throw new Error(`there is no ${head} in\n${text}`);
  return linesOf({ text: found, remarks: [] }).slice(1);
}

function named(name: string): string {
  return TEST_CONFIGS[name] ?? '';
}

describe('sections', () => {
  it('a virtual service is a frontend, its pool a backend', () => {
    expect(section(pool(), 'frontend www')).toEqual([
      'bind 10.0.0.50:443',
      'timeout client 30m',
      'default_backend web',
    ]);
    expect(section(pool(), 'backend web')).toEqual([
      'balance leastconn',
      'timeout connect 4s',
      'timeout server 30m',
      'timeout tunnel 30m',
      'retries 1',
      'option redispatch 1',
      'option tcp-check',
      'timeout check 3s',
      'tcp-check connect port 443',
      'default-server on-marked-down shutdown-sessions inter 5s rise 2 fall 3',
      'server web01 10.0.0.51 check weight 1',
      'server web02 10.0.0.52 check weight 1',
    ]);
  });

  it('services that share a pool and all settings share its backend, so that it counts over both', () => {
    const all = lines(named('services that share a pool'));
    expect(all.filter((line) => /^(listen|frontend|backend|default_backend) /.test(line))).toEqual([
      'frontend more',
      'default_backend web',
      'listen web',
    ]);
  });

  it('services that differ have sections of their own, and one verdict for all of them', () => {
    const yaml = named('services that differ');
    expect(section(yaml, 'backend web')).toContain('server web01 10.0.0.51 check weight 1');
    expect(section(yaml, 'backend web-2')).toContain('server web01 10.0.0.51 track web/web01 weight 1');
    expect(section(yaml, 'listen d')).toContain('server web02 10.0.0.52 track web/web02 weight 1');
    expect(section(yaml, 'listen d')).toContain('timeout tunnel 1h');
    expect(lines(yaml).filter((line) => line.startsWith('tcp-check'))).toHaveLength(1);
    const { remarks } = exported('haproxy', yaml);
    expect(remarks.map(({ aspect }) => aspect)).toContain('countsApart');
  });

  it('no two sections have one name', () => {
    const heads = lines(named('names that meet')).filter((line) => /^(listen|frontend|backend) /.test(line));
    const names = heads.map((line) => line.split(' ')[1]);
    expect(new Set(names).size).toBe(names.length);
    expect(heads).toContain('backend a-pool');
  });
});

describe('ports', () => {
  it('ranges stay ranges; mapped ports are set by the bind that took the connection', () => {
    expect(section(named('ports'), 'frontend www')).toEqual([
      'bind 10.0.0.50:443',
      'bind 10.0.0.50:50000-50019',
      'bind 10.0.0.50:80 name 80-to-8080',
      'bind 10.0.0.50:81 name 81-to-80',
      'bind 10.0.0.50:8080 name 8080-to-443',
      'bind 10.0.0.50:600-603 name 600-to-700',
      'timeout client 30m',
      'tcp-request connection set-dst-port dst_port,add(8000) if { so_name 80-to-8080 }',
      'tcp-request connection set-dst-port dst_port,sub(1) if { so_name 81-to-80 }',
      'tcp-request connection set-dst-port dst_port,sub(7637) if { so_name 8080-to-443 }',
      'tcp-request connection set-dst-port dst_port,add(100) if { so_name 600-to-700 }',
      'default_backend web',
    ]);
  });

  it('UDP is named and left out', () => {
    const { text, remarks } = exported('haproxy', named('ports'));
    const udp = remarks.filter(({ aspect }) => aspect === 'udp');
    expect(udp.map(({ kind, path, value }) => [kind, path, value])).toEqual([
      ['lost', 'virtualServices[www].ports', '3478-3479/udp, 53/udp to 1053'],
    ]);
    expect(text).toContain(
      '# lost: virtualServices[www].ports 3478-3479/udp, 53/udp to 1053: HAProxy forwards no UDP',
    );
  });

  it('IPv6 stands in brackets', () => {
    const yaml = named('SNAT of IPv6');
    expect(lines(yaml)).toContain('bind [2001:db8::50]:443');
    expect(lines(yaml)).toContain(
      'server web01 [2001:db8::51] check weight 1 source [2001:db8::44]:20000-30000',
    );
  });
});

describe('choosing', () => {
  it.each([
    ['rr', ['balance roundrobin'], 1],
    ['wrr', ['balance roundrobin'], 7],
    ['lc', ['balance leastconn'], 1],
    ['wlc', ['balance leastconn'], 7],
    ['sh', ['balance source', 'hash-type consistent'], 7],
    ['mh', ['balance source', 'hash-type consistent'], 7],
  ])('%s', (scheduler, balance, weight) => {
    const yaml = pool(`scheduler: ${scheduler}`, '', '', '{ name: a, address: 10.0.0.51, weight: 7 }');
    expect(section(yaml, 'backend web')).toEqual(expect.arrayContaining(balance));
    expect(lines(yaml)).toContain(`server a 10.0.0.51 check weight ${weight}`);
  });

  it('weights that are too large are scaled; drain is weight 0, maintenance disabled', () => {
    expect(section(named('weights'), 'backend web').filter((line) => line.startsWith('server'))).toEqual([
      'server fallback 10.0.0.51 check weight 256',
      'server b 10.0.0.52 check weight 1 disabled',
      'server c 10.0.0.53 check weight 0',
      'server d 10.0.0.54 check weight 0 maxconn 9',
    ]);
    expect(lines(named('weights'))).toContain('timeout queue 1ms');
  });

  it('a fallback is a backup, on the port that the client dialled unless it has one', () => {
    expect(lines(named('fallback with a port'))).toContain('server fallback 10.0.0.99:8080 backup');
    expect(lines(named('fallback without'))).toContain('server fallback 10.0.0.99 backup');
  });

  it('persistence is a table of the service', () => {
    expect(section(named('persistence'), 'backend web')).toEqual(
      expect.arrayContaining(['stick-table type ip size 77 expire 90s', 'stick on src']),
    );
    const { remarks } = exported('haproxy', named('persistence through a drain'));
    expect(remarks.map(({ aspect }) => aspect)).not.toContain('keepPersistence');
  });
});

describe('who is let in', () => {
  it('limits of the service and of sources', () => {
    expect(section(named('limits'), 'frontend www')).toEqual(
      expect.arrayContaining([
        'tcp-request connection reject if { fe_conn gt 500 }',
        'tcp-request connection track-sc0 src table www:sources',
        'tcp-request connection reject if { sc0_conn_cur gt 6 }',
        'tcp-request connection reject if { sc0_conn_rate gt 5 }',
      ]),
    );
    expect(section(named('limits'), 'backend www:sources')).toEqual([
      'stick-table type ip size 100k expire 1m store conn_cur,conn_rate(1s)',
    ]);
  });

  it('a source of IPv6 is a network', () => {
    const all = lines(named('limits of IPv6'));
    expect(all).toContain('tcp-request connection track-sc0 src,ipmask(32,64) table www:sources');
    expect(all).toContain('stick-table type ipv6 size 100k expire 1m store conn_cur,conn_rate(1s)');
  });
});

describe('addresses, times, ends', () => {
  it('each server has one of the SNAT addresses of its family', () => {
    expect(lines(named('SNAT of several')).filter((line) => line.startsWith('server'))).toEqual([
      'server web01 10.0.0.51 check weight 1 source 10.0.0.44:20000-30000',
      'server web02 10.0.0.52 check weight 1 source 10.0.0.45:20000-30000',
    ]);
    expect(lines(named('SNAT of both families')).filter((line) => line.startsWith('server'))).toEqual([
      'server web01 10.0.0.51 check weight 1 source 10.0.0.44',
      'server web02 [2001:db8::52] check weight 1 source [2001:db8::44]',
    ]);
  });

  it('half-NAT takes the client’s address', () => {
    expect(lines(named('half NAT'))).toContain(
      'server web01 192.168.0.51 check weight 1 source 0.0.0.0 usesrc clientip',
    );
  });

  it('timeouts, redispatch, onDown, the end', () => {
    const all = lines(named('timeouts and no redispatch'));
    expect(all).toEqual(
      expect.arrayContaining([
        'timeout connect 1500ms',
        'timeout client 100ms',
        'timeout server 100ms',
        'timeout tunnel 100ms',
        'retries 0',
        'no option redispatch',
        'hard-stop-after 10s',
      ]),
    );
    expect(lines(pool('', 'onDown: keep')).join('\n')).not.toContain('on-marked-down');
  });
});

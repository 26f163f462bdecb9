import { expect, it } from 'vitest';
import { exported, linesOf, pool } from '../testing.ts';
import { TEST_CONFIGS } from '../test-configs.ts';

function checks(yaml: string): string[] {
  return linesOf(exported('haproxy', yaml)).filter((line) =>
    /^(option (tcp|http)|tcp-check|http-check|default-server|timeout check)/.test(line),
  );
}

it('several checks are steps of one sequence: a server is up when all of them are good', () => {
  const yaml = pool('', 'healthChecks: [{ type: tcp, port: 5061 }, { type: tcp, port: 444 }]');
  expect(checks(yaml)).toEqual([
    'option tcp-check',
    'timeout check 3s',
    'tcp-check connect port 5061',
    'tcp-check connect port 444',
    'default-server on-marked-down shutdown-sessions inter 5s rise 2 fall 3',
  ]);
});

it('HTTP alone is spoken by HAProxy itself', () => {
  expect(checks(TEST_CONFIGS['http alone'] ?? '')).toEqual([
    'option httpchk',
    'timeout check 3s',
    'http-check connect port 80',
    'http-check send meth GET uri "/" ver HTTP/1.1 hdr Host web.contoso.com',
    'http-check expect status 200-399',
    'http-check expect string "a b"',
    'http-check connect port 443 ssl sni web.contoso.com',
    'http-check send meth GET uri "/" ver HTTP/1.1 hdr Host web.contoso.com',
    'http-check expect status 200,401',
    'default-server on-marked-down shutdown-sessions inter 5s rise 2 fall 3 verify none',
  ]);
});

it('TLS, HTTP beside others, SIP: quoted as HAProxy reads it', () => {
  const all = checks(TEST_CONFIGS['every check'] ?? '');
  expect(all.slice(0, 7)).toEqual([
    'option tcp-check',
    'timeout check 3s',
    'tcp-check connect port 135',
    'tcp-check connect port 444 ssl sni web.contoso.com',
    'tcp-check connect port 443 ssl sni web.contoso.com',
    String.raw`tcp-check send "GET /a%20b?c=d&\"e\"\$f{g}#h HTTP/1.1\r\nHost: web.contoso.com\r\nConnection: close\r\n\r\n"`,
    String.raw`tcp-check expect rstring "^HTTP/1\\.[01] (200|405) "`,
  ]);
  expect(all[7]).toBe(String.raw`tcp-check expect string "it's \"\$5\" \\ {100%} #1 ü"`);
  expect(all[9]).toMatch(
    /^tcp-check send-lf "OPTIONS sip:web\.contoso\.com;transport=tls SIP\/2\.0\\r\\nVia: SIP\/2\.0\/TLS .*branch=z9hG4bK%\[uuid\(\)\]/,
  );
  expect(all[10]).toBe(String.raw`tcp-check expect rstring "(^|\\n)SIP/2\\.0 ([2-6][0-9][0-9]) "`);
  expect(all[13]).toBe(String.raw`tcp-check expect rstring "(^|\\n)SIP/2\\.0 (200) "`);
  expect(all.at(-1)).toContain(
    ' inter 5s rise 2 fall 3 verify required ca-file /etc/ssl/certs/ca-certificates.crt',
  );
});

it('what a sequence cannot have is named', () => {
  const { remarks } = exported('haproxy', TEST_CONFIGS['every check'] ?? '');
  const named = remarks.map(({ kind, aspect, value }) => `${kind} ${aspect} ${value}`.trim());
  expect(named).toEqual(
    expect.arrayContaining([
      'lost stunCheck stun 3478',
      'lost minDaysLeft 14',
      'changed paceMixed',
      'changed verifyMixed',
    ]),
  );
});

it('without checks servers are not checked', () => {
  for (const name of ['no check', 'a check by UDP alone']) {
    const all = linesOf(exported('haproxy', TEST_CONFIGS[name] ?? ''));
    expect(all).toContain('server web01 10.0.0.51 weight 1');
    expect(all.join('\n')).not.toContain('tcp-check');
  }
});

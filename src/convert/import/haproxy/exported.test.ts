/** What `poolgate export haproxy` writes in ways of its own is understood here. */
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { importText } from '../import.ts';

const OPTIONS = { vip: null, addresses: new Map<string, string>(), merge: true, env: {} };

function imported(lines: string) {
  const text = `defaults\n  mode tcp\nlisten www\n  bind 10.0.0.50:443 name 443-to-4443\n  bind 10.0.0.50:80\n${lines}\n`;
  const { config, entries } = importText('haproxy', text, 'x.cfg', OPTIONS);
  const { pools, virtualServices } = parse(config);
  return { pool: pools[0], service: virtualServices[0], entries };
}

const SERVER = '  server web01 10.0.0.51 check';

it('ports that lead to others, by the name of their bind', () => {
  const { service } = imported(
    `  tcp-request connection set-dst-port dst_port,add(4000) if { so_name 443-to-4443 }\n${SERVER}`,
  );
  expect(service.ports).toEqual([{ port: 443, serverPort: 4443 }, 80]);
});

it('a rule about a bind that is not there is told', () => {
  const { service, entries } = imported(
    `  tcp-request connection set-dst-port dst_port,add(4000) if { so_name other }\n${SERVER}`,
  );
  expect(service.ports).toEqual([443, 80]);
  expect(entries).toContainEqual(expect.objectContaining({ kind: 'missing', line: 6 }));
});

it('the limit of a service', () => {
  const { service } = imported(`  tcp-request connection reject if { fe_conn gt 500 }\n${SERVER}`);
  expect(service.maxConnections).toBe(500);
});

it('several checks by HTTP, each with its own words', () => {
  const { pool } = imported(`  option httpchk
  http-check connect port 80
  http-check send meth GET uri /a ver HTTP/1.1 hdr Host a.contoso.com
  http-check expect string ready
  http-check connect port 443 ssl sni b.contoso.com
  http-check send meth GET uri /b
  http-check expect status 200,401
${SERVER} verify required ca-file /etc/ca.pem`);
  expect(pool.healthChecks).toEqual([
    expect.objectContaining({
      type: 'http',
      port: 80,
      path: '/a',
      host: 'a.contoso.com',
      expectBody: 'ready',
    }),
    expect.objectContaining({
      type: 'https',
      port: 443,
      path: '/b',
      serverName: 'b.contoso.com',
      expectStatus: [200, 401],
      verify: true,
      caFile: '/etc/ca.pem',
    }),
  ]);
});

it('SIP and HTTP as text', () => {
  const { pool } = imported(String.raw`  option tcp-check
  tcp-check connect port 5060
  tcp-check send-lf "OPTIONS sip:pool.contoso.com;transport=tcp SIP/2.0\r\nContent-Length: 0\r\n\r\n"
  tcp-check expect rstring "(^|\\n)SIP/2\\.0 (200|405) "
  tcp-check connect port 80
  tcp-check send "GET /x HTTP/1.1\r\nHost: www.contoso.com\r\n\r\n"
  tcp-check expect rstring "^HTTP/1\\.[01] ([23][0-9][0-9]) "
  tcp-check connect port 443 ssl
  tcp-check send "HELO\r\n"
${SERVER} verify none`);
  const [sip, http, tls] = pool.healthChecks;
  expect(sip).toMatchObject({
    type: 'sip',
    port: 5060,
    serverName: 'pool.contoso.com',
    expectStatus: [200, 405],
  });
  expect(http).toMatchObject({ type: 'http', port: 80, path: '/x', host: 'www.contoso.com' });
  expect(http.expectStatus).toBeUndefined();
  expect(tls).toMatchObject({ type: 'tls', port: 443 });
});

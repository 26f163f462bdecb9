import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseConfig } from './load.ts';
import { configWith, load, rulesOf } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'poolgate-ca-'));
afterAll(() => rmSync(directory, { recursive: true }));
const CA = join(directory, 'ca.pem');
execFileSync(
  'openssl',
  `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -keyout ${directory}/key -out ${CA}`.split(' '),
  { stdio: 'ignore' },
);
const NOISE = join(directory, 'noise.pem');
writeFileSync(NOISE, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');

const withCheck = (check: string, pool = ''): string =>
  configWith({ pool: `${pool}healthChecks: [{ ${check} }]` });
const verified = (more: string): string => `type: tls, port: 1, serverName: a.b, verify: true, ${more}`;

const CASES: readonly (readonly [what: string, text: string, rules: readonly string[]])[] = [
  ['every key of tls', withCheck(verified(`caFile: ${CA}, minDaysLeft: 7`)), []],
  [
    'every key of https',
    withCheck(
      `type: https, port: 443, serverName: a.b, verify: true, minDaysLeft: 7, path: "/x?y=z", host: c.d, expectStatus: [200, 401], expectBody: ready`,
    ),
    [],
  ],
  [
    'every key of http',
    withCheck('type: http, port: 80, path: /, host: c.d, expectStatus: [200], expectBody: x'),
    [],
  ],
  [
    'every key of sip',
    withCheck(
      'type: sip, port: 1, transport: tls, serverName: a.b, verify: true, minDaysLeft: 1, expectStatus: [200, 603]',
    ),
    [],
  ],
  ['sip over TCP with the name of its URI', withCheck('type: sip, port: 5060, serverName: a.b'), []],
  ['stun', withCheck('type: stun, port: 3478'), []],
  [
    'verify by the name of the pool',
    withCheck('type: tls, port: 1, verify: true', 'fqdn: p.contoso.com, '),
    [],
  ],
  ['path of tcp', withCheck('type: tcp, port: 1, path: /'), ['error CONFIG_UNUSED_CHECK_KEY']],
  [
    'serverName of http',
    withCheck('type: http, port: 1, serverName: a.b'),
    ['error CONFIG_UNUSED_CHECK_KEY'],
  ],
  [
    'path and status of stun',
    withCheck('type: stun, port: 1, path: /, expectStatus: [200]'),
    ['error CONFIG_UNUSED_CHECK_KEY', 'error CONFIG_UNUSED_CHECK_KEY'],
  ],
  ['transport of tls', withCheck('type: tls, port: 1, transport: tls'), ['error CONFIG_UNUSED_CHECK_KEY']],
  [
    'verify of sip over TCP',
    withCheck('type: sip, port: 5060, verify: true'),
    ['error CONFIG_UNUSED_CHECK_KEY'],
  ],
  [
    'minDaysLeft of sip over TCP by order',
    withCheck('type: sip, port: 5061, transport: tcp, minDaysLeft: 3'),
    ['error CONFIG_UNUSED_CHECK_KEY'],
  ],
  ['verify without any name', withCheck('type: tls, port: 1, verify: true'), ['error CONFIG_CHECK_NAME']],
  ['an address as name', withCheck('type: tls, port: 1, serverName: 10.0.0.1'), ['error CONFIG_INVALID']],
  [
    'caFile without verify',
    withCheck(`type: tls, port: 1, caFile: ${CA}`),
    ['error CONFIG_UNUSED_CHECK_KEY'],
  ],
  [
    'a caFile that is not there',
    withCheck(verified('caFile: /nonexistent/ca.pem')),
    ['error CONFIG_CA_FILE'],
  ],
  ['a caFile that is a folder', withCheck(verified(`caFile: ${directory}`)), ['error CONFIG_CA_FILE']],
  ['a caFile that never ends', withCheck(verified('caFile: /dev/zero')), ['error CONFIG_CA_FILE']],
  ['a caFile without certificates', withCheck(verified('caFile: /etc/hostname')), ['error CONFIG_CA_FILE']],
  ['a caFile of noise', withCheck(verified(`caFile: ${NOISE}`)), ['error CONFIG_CA_FILE']],
  ['a relative caFile', withCheck(verified('caFile: ca.pem')), ['error CONFIG_INVALID']],
  ['a path with a space', withCheck('type: http, port: 1, path: "/a b"'), ['error CONFIG_INVALID']],
  [
    'a path with a line end',
    withCheck('type: http, port: 1, path: "/a\\r\\nHost: x"'),
    ['error CONFIG_INVALID'],
  ],
  ['a path without its slash', withCheck('type: http, port: 1, path: status'), ['error CONFIG_INVALID']],
  [
    'a provisional status of sip',
    withCheck('type: sip, port: 5060, expectStatus: [180]'),
    ['error CONFIG_INVALID'],
  ],
  [
    'a status of sip for http',
    withCheck('type: http, port: 1, expectStatus: [603]'),
    ['error CONFIG_INVALID'],
  ],
  [
    'tcp and http on one port',
    configWith({ pool: 'healthChecks: [{ type: tcp, port: 80 }, { type: http, port: 80 }]' }),
    [],
  ],
];

describe('a health check with', () => {
  it.each(CASES)('%s', (_, text, rules) => {
    expect(rulesOf(text)).toEqual(rules);
    expect(parseConfig(text, 'c.yaml').config === null).toBe(rules.length > 0);
  });
});

it('says which types use the key', () => {
  const [finding] = parseConfig(withCheck('type: tcp, port: 1, path: /'), 'c.yaml').findings;
  expect(finding).toMatchObject({
    message: 'A check of type tcp does not use `path`.',
    hint: 'Leave it out, or write a `type` that uses it: http, https.',
  });
});

function check(text: string, pool = '') {
  return load(withCheck(text, pool)).effective.pools[0]?.healthChecks[0];
}

describe('in effect', () => {
  it('https asks for the name of its pool, by SNI and as Host', () => {
    expect(check('type: https, port: 443', 'fqdn: p.contoso.com, ')).toMatchObject({
      type: 'https',
      tls: { serverName: 'p.contoso.com', verify: false, caFile: null, minDaysLeft: 0 },
      http: { path: '/', host: 'p.contoso.com', expectStatus: null, expectBody: null },
    });
  });

  it('sip is by TLS on 5061 and by TCP elsewhere, unless told', () => {
    expect(check('type: sip, port: 5061')).toHaveProperty('tls');
    expect(check('type: sip, port: 5060')).not.toHaveProperty('tls');
    expect(check('type: sip, port: 5060, transport: tls')).toHaveProperty('tls');
    expect(check('type: sip, port: 5061, transport: tcp, serverName: a.b')).toMatchObject({
      sip: { domain: 'a.b', expectStatus: null },
    });
  });

  it('says where each value came from', () => {
    const { provenance } = load(withCheck('type: http, port: 80, path: /x', 'fqdn: p.contoso.com, '));
    const from = Object.fromEntries(provenance.map((p) => [p.path, p.from]));
    expect(from['pools[p].healthChecks[0].path']).toBe('file');
    expect(from['pools[p].healthChecks[0].host']).toBe("the pool's fqdn");
    expect(from['pools[p].healthChecks[0].expectBody']).toBe('schema');
  });
});

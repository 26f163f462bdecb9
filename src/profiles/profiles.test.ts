import { describe, expect, it } from 'vitest';
import { checksOf, type Profile, portsOf, transportOf } from './profile.ts';
import { findProfile, PROFILES } from './profiles.ts';

function profileOf(name: string): Profile {
  const profile = findProfile(name);
  if (!profile) throw new Error(`There is no profile ${name}`);
  return profile;
}

/** `443`, `443>4443`, `3478/udp`. */
function portsWith(name: string, options: Record<string, boolean> = {}): string {
  const words = portsOf(profileOf(name), options).map((p) => {
    const mapped = p.serverPort === undefined ? '' : `>${p.serverPort}`;
    return `${p.port}${mapped}${transportOf(p) === 'udp' ? '/udp' : ''}`;
  });
  return words.join(' ');
}

function checksWith(name: string, options: Record<string, boolean> = {}): string {
  return (checksOf(profileOf(name), options) ?? []).map((c) => `${c.type} ${c.port}`).join(', ');
}

const HLB = '80 135 443 444 448 4443 5061 5071 5072 5073 5075 5076 5080 8080';
const MANY = ['lync-2013', 'sfb-2015', 'sfb-2019', 'sfb-se'] as const;

const PORTS: readonly (readonly [name: string, options: Record<string, boolean>, ports: string])[] = [
  ['ocs-2007-r2/enterprise-pool', {}, '80 135 443 444 5060 5061 5065 5069 5071 5072 5073 5074 8404'],
  [
    'ocs-2007-r2/enterprise-pool',
    { plainSip: true },
    '80 135 443 444 5060 5061 5065 5069 5071 5072 5073 5074 8404',
  ],
  [
    'ocs-2007-r2/enterprise-pool',
    { plainSip: false, monitoringServer: false, deviceUpdate: false },
    '135 443 444 5061 5065 5071 5072 5073 5074 8404',
  ],
  ['ocs-2007-r2/director', {}, '5060 5061'],
  ['ocs-2007-r2/director', { plainSip: false }, '5061'],
  ['ocs-2007-r2/cwa', {}, '443'],
  ['ocs-2007-r2/cwa', { plainHttp: true }, '80 443'],
  ['ocs-2007-r2/edge-internal', {}, '443 3478/udp 5061 5062'],
  ['ocs-2007-r2/edge-external-access', {}, '443 5061'],
  ['ocs-2007-r2/edge-external-web-conferencing', {}, '443'],
  ['ocs-2007-r2/edge-external-av', {}, '443 3478/udp'],
  ['lync-2010/front-end', {}, '80 135 443 444 5060 5061 5065 5069'],
  [
    'lync-2010/front-end',
    { plainSip: false, monitoringServer: false, applications: true, callAdmissionControl: true },
    '80 135 443 444 448 5061 5065 5071 5072 5073 5074',
  ],
  ['office-web-apps/farm', {}, '443'],
  ['generic/tcp', {}, ''],
  ['generic/udp', {}, ''],
  ['generic/sip', {}, '5060'],
  ['generic/sips', {}, '5061'],
  ['generic/https', {}, '443'],
  ['generic/http', {}, '80'],
  ['generic/rdp', {}, '3389 3389/udp'],
  ['generic/stun', {}, '3478 3478/udp'],
  ...MANY.flatMap((product): (readonly [string, Record<string, boolean>, string])[] => [
    [`${product}/front-end-hlb`, {}, HLB],
    [`${product}/front-end-hlb`, { collocatedMediation: true }, HLB.replace('5071', '5070 5071')],
    [`${product}/front-end-hlb`, { plainSip: true }, HLB.replace('5061', '5060 5061')],
    [
      `${product}/front-end-hlb`,
      { callAdmissionControl: false, externalWeb: false },
      '80 135 443 444 5061 5071 5072 5073 5075 5076',
    ],
    [`${product}/front-end-dns-lb`, {}, '80 443 4443 8080'],
    [`${product}/director-hlb`, {}, '443 444 4443 5061'],
    [`${product}/director-hlb`, { plainWeb: true }, '80 443 444 4443 5061 8080'],
    [`${product}/director-dns-lb`, {}, '443 4443'],
    [`${product}/director-dns-lb`, { externalWeb: false }, '443'],
    [`${product}/edge-internal`, {}, '443 3478/udp 5061 5062'],
    [`${product}/edge-external-access`, {}, '443 5061'],
    [`${product}/edge-external-web-conferencing`, {}, '443'],
    [`${product}/edge-external-av`, {}, '443 3478/udp'],
    [`${product}/reverse-proxy`, {}, '80>8080 443>4443'],
    [`${product}/reverse-proxy`, { plainHttp: false }, '443>4443'],
  ]),
  ['lync-2013/edge-external-access', { xmpp: true }, '443 5061 5269'],
  ['sfb-2015/edge-external-access', { xmpp: true }, '443 5061 5269'],
];

describe('ports', () => {
  it.each(PORTS)('%s with %o', (name, options, ports) => {
    expect(portsWith(name, options)).toBe(ports);
  });

  it('are told for every profile', () => {
    expect(new Set(PORTS.map(([name]) => name))).toEqual(new Set(PROFILES.map((p) => p.name)));
  });

  it('of XMPP are gone with Skype for Business Server 2019', () => {
    expect(profileOf('sfb-2019/edge-external-access').options).toEqual({});
    expect(profileOf('sfb-se/edge-external-access').options).toEqual({});
  });
});

describe('health checks', () => {
  it.each([
    ['ocs-2007-r2/enterprise-pool', {}, 'tcp 5061, tcp 444'],
    ['ocs-2007-r2/enterprise-pool', { plainSip: true }, 'tcp 5060, tcp 5061, tcp 444'],
    ['ocs-2007-r2/enterprise-pool', { plainSip: false }, 'tcp 5061, tcp 444'],
    ['ocs-2007-r2/cwa', {}, 'tcp 443'],
    ['ocs-2007-r2/cwa', { plainHttp: true }, 'tcp 443, tcp 80'],
    ['sfb-2019/front-end-hlb', {}, 'tcp 5061'],
    ['sfb-2019/front-end-dns-lb', {}, 'tcp 5061'],
    ['sfb-2019/reverse-proxy', {}, 'tcp 5061'],
    ['office-web-apps/farm', {}, 'https 443'],
    ['generic/sips', {}, 'sip 5061'],
  ])('%s with %o', (name, options, checks) => {
    expect(checksWith(name, options)).toBe(checks);
  });
});

describe('NAT', () => {
  it.each(MANY)('%s: none of the addresses of A/V Edge is translated', (product) => {
    const { nat, refusedNat, publicServers } = profileOf(`${product}/edge-external-av`);
    expect(nat?.value).toBe('half');
    expect(refusedNat).toMatchObject({ full: { rule: 'R52' }, none: { rule: 'R19' } });
    expect(publicServers?.rule).toBe('R27');
  });

  it('of the older Edge may be full or half, and A/V servers are public', () => {
    const { nat, refusedNat, publicServers } = profileOf('ocs-2007-r2/edge-external-av');
    expect(nat?.value).toBe('full');
    expect(Object.keys(refusedNat ?? {})).toEqual(['none']);
    expect(publicServers?.value).toBe(true);
  });

  it.each(PROFILES.filter((p) => p.product && !p.edge && p.name !== 'office-web-apps/farm'))(
    '$name: full alone',
    ({ nat, refusedNat }) => {
      expect(nat?.value).toBe('full');
      expect(refusedNat).toMatchObject({
        half: { rule: expect.stringMatching(/^R1[78]$/) },
        none: { rule: 'R19' },
      });
    },
  );
});

describe('support', () => {
  it.each([
    ['ocs-2007-r2', '2018-01-09'],
    ['lync-2010', '2021-04-13'],
    ['lync-2013', '2023-04-11'],
    ['sfb-2015', '2025-10-14'],
    ['sfb-2019', '2025-10-14'],
    ['sfb-se', null],
  ])('of %s ended %s', (product, ended) => {
    const own = PROFILES.filter((p) => p.product === product);
    expect(own.length).toBeGreaterThan(0);
    for (const { support } of own) expect(support?.ended).toBe(ended);
  });

  it('says in the title what is partial', () => {
    for (const { title, partial } of PROFILES) expect(title.includes('partial')).toBe(partial !== undefined);
  });
});

it('Communicator Web Access has timeouts of its own', () => {
  const { idleTimeout, checkInterval, ports } = profileOf('ocs-2007-r2/cwa');
  expect([idleTimeout?.value, checkInterval?.value]).toEqual(['92s', '30s']);
  expect(ports.map((p) => p.persistence?.value)).toEqual(['source-ip', 'source-ip']);
});

describe.each(PROFILES)('$name', (profile) => {
  it('has a source for every value', () => {
    const sources = sourcesIn(profile);
    expect(sources.length).toBeGreaterThanOrEqual(profile.ports.length);
    for (const source of sources) expect(source).toMatch(/^\S.{7,}/);
  });

  it('refers only to its own options', () => {
    const used = [...profile.ports, ...(profile.checks ?? [])].flatMap((p) => p.option ?? []);
    expect(new Set(used)).toEqual(new Set(Object.keys(profile.options)));
  });

  it('names each port once, and none that is never balanced', () => {
    const keys = profile.ports.map((p) => `${p.port}/${transportOf(p)}`);
    expect(new Set(keys).size).toBe(keys.length);
    const never = (profile.neverBalanced ?? []).map((p) => `${p.port}/${transportOf(p)}`);
    expect(keys.filter((key) => never.includes(key))).toEqual([]);
  });

  it('does not refuse its own NAT mode', () => {
    const { nat, refusedNat = {} } = profile;
    expect(Object.keys(refusedNat)).not.toContain(nat?.value ?? 'full');
  });
});

/** Every `source` in a value, however deep. */
function sourcesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'source' ? [String(inner)] : sourcesIn(inner),
  );
}

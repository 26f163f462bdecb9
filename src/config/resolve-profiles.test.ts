/** What a profile supplies to a config of one pool and one virtual service that says nothing else. */
import { describe, expect, it } from 'vitest';
import type { EffectiveService } from '../model/effective.ts';
import { formatRange } from '../model/ports.ts';
import { PROFILES } from '../profiles/profiles.ts';
import { exampleOf } from '../profiles/example.ts';
import { checksOf, portsOf, rangeOf } from '../profiles/profile.ts';
import { parseConfig } from './load.ts';
import { load, rulesOf } from './testing.ts';

const TWO_ARMED =
  'topology: { mode: two-armed, clientInterface: eth0, serverInterface: eth1, serverAddress: 203.0.113.1/24 }';

interface Parts {
  readonly head?: string;
  readonly pool?: string;
  readonly service?: string;
}

/** All addresses are public ones of documents, because some servers have no others. */
function least(profile: string, { head = '', pool = '', service = '' }: Parts = {}): string {
  const network = head.includes('two-armed') ? '203.0.113' : '198.51.100';
  return `version: 1
${head}
pools:
  - name: p
    profile: ${profile}
    ${pool}
    realServers: [{ name: a, address: ${network}.41 }, { name: b, address: ${network}.42 }]
virtualServices:
  - { name: s, vip: 198.51.100.40, pool: p${service === '' ? '' : `, ${service}`} }
`;
}

function services(text: string): readonly EffectiveService[] {
  return load(text).effective.services;
}

/** `name: ports; persistence`. */
function summary({ name, ports, persistence }: EffectiveService): string {
  return `${name}: ${ports.map(formatRange).join(', ')}; ${persistence ? 'source-ip' : 'none'}`;
}

function withPersistence(type: string): string[] {
  const service = `persistence: { type: ${type} }`;
  return services(least('sfb-2019/front-end-dns-lb', { service })).map(summary);
}

function from(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(load(text).provenance.map((p) => [p.path, p.from]));
}

const NEEDS_NOTHING = PROFILES.filter((p) => p.nat?.value !== 'half' && p.ports.length > 0);

describe.each(NEEDS_NOTHING)('$name', (profile) => {
  const text = least(profile.name);

  it('is without a finding, and supplies ports, NAT and idle timeout', () => {
    expect(parseConfig(text, 'c.yaml').findings).toEqual([]);
    const all = services(text);
    const ports = all.flatMap((s) => s.ports);
    const own = portsOf(profile, {}).map(rangeOf);
    expect(ports).toHaveLength(own.length);
    expect(ports).toEqual(expect.arrayContaining(own));
    for (const { nat } of all) expect(nat).toBe(profile.nat?.value ?? 'full');
  });

  it('supplies its checks', () => {
    const { pools } = load(text).effective;
    const own = checksOf(profile, {});
    expect(pools[0]?.healthChecks.map(({ type, port }) => `${type} ${port}`)).toEqual(
      own?.map(({ type, port }) => `${type} ${port}`),
    );
  });
});

it.each(PROFILES)('$name: its example is without a finding', (profile) => {
  expect(parseConfig(exampleOf(profile, null), 'c.yaml').findings).toEqual([]);
});

describe('persistence', () => {
  it('of web ports is not that of SIP on the same VIP', () => {
    expect(services(least('sfb-2019/front-end-hlb')).map(summary)).toEqual([
      's: 135, 444, 448, 4443, 5061, 5071, 5072, 5073, 5075, 5076, 5080, 8080; none',
      's:source-ip: 80, 443; source-ip',
    ]);
    expect(services(least('lync-2013/front-end-dns-lb')).map(summary)).toEqual([
      's: 4443, 8080; none',
      's:source-ip: 80, 443; source-ip',
    ]);
  });

  it('is one where all ports agree', () => {
    expect(services(least('sfb-2019/reverse-proxy')).map(summary)).toEqual([
      's: 80 to 8080, 443 to 4443; none',
    ]);
    const within = 'options: { externalWeb: false }';
    expect(services(least('sfb-2019/front-end-dns-lb', { pool: within })).map(summary)).toEqual([
      's: 80, 443; source-ip',
    ]);
    expect(services(least('generic/rdp')).map(summary)).toEqual(['s: 3389, 3389/udp; source-ip']);
  });

  it('goes by the ports of the servers, also of a service that names its own', () => {
    const service = 'ports: [{ port: 8443, serverPort: 443 }, 5061]';
    expect(services(least('sfb-2019/front-end-hlb', { service })).map(summary)).toEqual([
      's: 5061; none',
      's:source-ip: 8443 to 443; source-ip',
    ]);
    expect(services(least('sfb-2019/front-end-hlb', { service: 'ports: ["443-444"]' })).map(summary)).toEqual(
      ['s: 443-444; none'],
    );
  });

  it('of the file holds for the whole service', () => {
    expect(withPersistence('none')).toEqual(['s: 80, 443, 4443, 8080; none']);
    expect(withPersistence('source-ip')).toEqual(['s: 80, 443, 4443, 8080; source-ip']);
  });

  it.each(['maxConnections: 5', 'limits: { connectionsPerSource: 5 }'])(
    'on some ports is not had with %s, which is of the whole service',
    (service) => {
      expect(services(least('sfb-2019/front-end-dns-lb', { service })).map(summary)).toEqual([
        's: 80, 443, 4443, 8080; none',
      ]);
      expect(services(least('ocs-2007-r2/cwa', { service })).map(summary)).toEqual(['s: 443; source-ip']);
    },
  );
});

describe('where values came from', () => {
  it('names the profile', () => {
    const all = from(
      least('ocs-2007-r2/cwa', {
        head: 'defaults: { timeouts: { idle: 1h }, healthCheck: { interval: 7s } }',
      }),
    );
    for (const path of [
      'virtualServices[s].ports',
      'virtualServices[s].nat',
      'virtualServices[s].timeouts.idle',
      'virtualServices[s].persistence.type',
      'pools[p].healthChecks[0].port',
      'pools[p].healthChecks[0].interval',
      'pools[p].options.plainHttp',
    ]) {
      expect([path, all[path]]).toEqual([path, 'profile ocs-2007-r2/cwa']);
    }
    expect(all['pools[p].healthChecks[0].timeout']).toBe('schema');
  });

  it('names it for the path of a page and for ports with persistence', () => {
    expect(from(least('office-web-apps/farm'))['pools[p].healthChecks[0].path']).toBe(
      'profile office-web-apps/farm',
    );
    const { provenance } = load(least('sfb-2019/front-end-hlb'));
    expect(provenance).toContainEqual({
      path: 'virtualServices[s].persistence.ports',
      value: ['80', '443'],
      from: 'profile sfb-2019/front-end-hlb',
    });
  });
});

it('Communicator Web Access is idle for 92 seconds and asked every 30', () => {
  const { pools, services: all } = load(least('ocs-2007-r2/cwa')).effective;
  expect([all[0]?.idleTimeoutMs, pools[0]?.healthChecks[0]?.intervalMs]).toEqual([92_000, 30_000]);
});

describe('half-NAT of a profile', () => {
  const av = 'sfb-2019/edge-external-av';

  it('is had with two arms', () => {
    const [service] = services(least(av, { head: TWO_ARMED }));
    expect(service).toMatchObject({ nat: 'half', snat: null });
  });

  it('is refused with one, where nothing is written, and not told to take full NAT', () => {
    const { findings } = parseConfig(least(av), 'c.yaml');
    expect(findings).toMatchObject([{ rule: 'CONFIG_NAT', severity: 'error', line: 9 }]);
    expect(findings[0]?.message).toContain(`With half-NAT, which \`${av}\` has, in the one-armed topology`);
    expect(findings[0]?.hint).toMatch(/^Write `topology: { mode: two-armed, … }`/);
  });

  it('needs the kernel data plane, and is not told to take full NAT', () => {
    const { findings } = parseConfig(least(av, { head: `dataPlane: proxy\n${TWO_ARMED}` }), 'c.yaml');
    expect(findings).toMatchObject([{ rule: 'CONFIG_NEEDS_KERNEL', line: 10 }]);
    expect(findings[0]?.hint).toBe('Write `dataPlane: auto` or `dataPlane: kernel`.');
  });

  it.each([
    [av, 'nat: full', TWO_ARMED, ['error R52']],
    [av, 'nat: none', '', ['error R19']],
    [av, 'nat: half, snatPool: [203.0.113.44]', TWO_ARMED, ['error CONFIG_NAT']],
    ['sfb-2019/edge-internal', 'nat: full', '', []],
    ['sfb-2019/front-end-hlb', 'nat: half', TWO_ARMED, ['error R18']],
    ['ocs-2007-r2/edge-external-av', 'nat: half', TWO_ARMED, []],
    ['ocs-2007-r2/cwa', 'nat: half', TWO_ARMED, ['error R17']],
    ['generic/stun', 'nat: half', TWO_ARMED, []],
  ])('%s with %s', (profile, service, head, rules) => {
    const errors = rulesOf(least(profile, { head, service })).filter((rule) => rule.startsWith('error'));
    expect(errors).toEqual(rules);
  });
});

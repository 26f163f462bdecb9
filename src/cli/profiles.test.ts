import { describe, expect, it } from 'vitest';
import { parseConfig } from '../config/load.ts';
import { PROFILES } from '../profiles/profiles.ts';
import { poolgate } from './testing.ts';

describe('profiles', () => {
  it('lists all of them', async () => {
    const { code, out, err } = await poolgate('profiles');
    expect([code, err]).toEqual([0, '']);
    for (const { name, title } of PROFILES)
      expect(out).toMatch(new RegExp(`^${name} .*${title.slice(0, 20)}`, 'm'));
    expect(out).toContain('Lync Server 2010, Front End pool (partial)');
  });

  it('lists them for programs', async () => {
    const { out } = await poolgate('profiles --format json');
    const list = JSON.parse(out);
    expect(list).toHaveLength(PROFILES.length);
    expect(list).toContainEqual({
      name: 'sfb-2019/edge-external-av',
      title: 'Skype for Business Server 2019, Edge Servers, external side: A/V Edge',
      product: 'sfb-2019',
      partial: false,
      supportEnded: '2025-10-14',
      ports: ['443', '3478/udp'],
      checks: ['tcp 443'],
      nat: 'half',
    });
  });
});

describe('profiles show', () => {
  it('says all, with documents by number', async () => {
    const { code, out } = await poolgate('profiles show ocs-2007-r2/enterprise-pool');
    expect(code).toBe(0);
    expect(out).toMatch(/^5069 +sip +Quality data .* unless monitoringServer: false +\d+$/m);
    expect(out).toMatch(/^tcp 5060 +with plainSip: true +\d+$/m);
    expect(out).toMatch(/^NAT mode +full +\d+$/m);
    expect(out).toMatch(/^Refuses nat: half +.*\(R18\) +\d+$/m);
    expect(out).toMatch(/^R45 +.*software.* +\d+$/m);
    expect(out).toMatch(/^Support: .*2018-01-09\. \[1\]$/m);
    expect(out).toMatch(/^ {2}\[1\] Microsoft, Load Balancers for/m);
  });

  it.each(PROFILES)('$name: every number has its document', async ({ name }) => {
    const { code, out } = await poolgate(`profiles show ${name}`);
    expect(code).toBe(0);
    const listed = [...out.matchAll(/^ {2}\[(\d+)\] .+/gm)].map((m) => Number(m[1]));
    expect(listed).toEqual(listed.map((_, i) => i + 1));
    const used = [...out.matchAll(/ {2,}(\d+)$/gm)].map((m) => Number(m[1]));
    expect(Math.max(0, ...used)).toBeLessThanOrEqual(listed.length);
  });

  it('has every key for programs', async () => {
    const shown = await Promise.all(
      PROFILES.map(async ({ name }) =>
        JSON.parse((await poolgate(`profiles show ${name} --format json`)).out),
      ),
    );
    const keys = Object.keys(shown[0]);
    for (const one of shown) expect(Object.keys(one)).toEqual(keys);
    expect(shown.find((one) => one.name === 'lync-2013/reverse-proxy').ports).toMatchObject([
      { port: 443, portEnd: 443, serverPort: 4443, transport: 'tcp', protocol: 'https', option: null },
      {
        port: 80,
        portEnd: 80,
        serverPort: 8080,
        option: 'plainHttp',
        persistence: { value: 'none', rule: 'R55' },
      },
    ]);
  });

  it.each(PROFILES)('$name: prints a config that is right', async ({ name }) => {
    const { code, out, err } = await poolgate(`profiles show ${name} --example`);
    expect([code, err]).toEqual([0, '']);
    const { config, findings } = parseConfig(out, 'example.yaml');
    expect(findings).toEqual([]);
    expect(config?.effective.pools.map((p) => p.profile)).toContain(name);
  });

  it.each([
    ['sfb-2019/edge-extrnal-av', 'Did you mean sfb-2019/edge-external-av?'],
    ['sfb-2019/edge-av', 'There is: sfb-2019/front-end-hlb, sfb-2019/front-end-dns-lb, '],
    ['director-hlb', 'There is: lync-2013/director-hlb, sfb-2015/director-hlb, '],
    ['zzzzzzzz', '`poolgate profiles` lists them.'],
  ])('does not know %s', async (name, hint) => {
    const { code, out, err } = await poolgate(`profiles show ${name}`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`There is no profile ${name}. ${hint}`);
  });
});

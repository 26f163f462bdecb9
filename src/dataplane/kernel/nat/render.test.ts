import { describe, expect, it } from 'vitest';
import { PoolgateError } from '../../../lib/errors.ts';
import { checkTranslation } from './check.ts';
import { markOf, readMark, REJECT_MARK, RESET_MARK } from './mark.ts';
import { render, renderRemoval } from './render.ts';
import { parseListing } from './table.ts';
import { declareTimeouts, policiesOf } from './timeouts.ts';
import { type ForwardRule, NO_TRANSLATION, type Translation } from './translation.ts';

const SOME: Translation = {
  ...NO_TRANSLATION,
  targets: [
    { number: 1, address: '10.0.0.41', port: null },
    { number: 2, address: '10.0.0.41', port: 4443 },
    { number: 3, address: '2001:db8::41', port: null },
  ],
  sources: [
    { number: 1, address: '10.0.0.44', ports: { first: 1024, last: 65_535 } },
    { number: 2, address: '10.0.0.45', ports: { first: 1024, last: 65_535 } },
    { number: 3, address: '2001:db8::44', ports: null },
  ],
  services: [
    { vip: '10.0.0.40', protocol: 'tcp', ports: { first: 5060, last: 5061 }, idleS: 1800 },
    { vip: '10.0.0.40', protocol: 'tcp', ports: { first: 443, last: 443 }, idleS: 1800 },
    { vip: '2001:db8::40', protocol: 'udp', ports: { first: 3478, last: 3478 }, idleS: 60 },
  ],
};

interface Added {
  readonly name?: string;
  readonly elem?: unknown;
  readonly chain?: string;
  readonly expr?: unknown;
}

function added(translation: Translation, kind: string): Added[] {
  const all = render(translation).nftables as readonly { add?: Record<string, Added> }[];
  return all.flatMap(({ add }) => (add?.[kind] ? [add[kind]] : []));
}

const elementsOf = (name: string): unknown =>
  [...added(SOME, 'map'), ...added(SOME, 'set')].find((one) => one.name === name)?.elem;

describe('marks', () => {
  it('carry a source and a target', () => {
    expect(markOf(0, 1)).toBe(0x50000001);
    expect(markOf(254, 65_534)).toBe(0x50fefffe);
    expect(readMark(markOf(7, 1234))).toEqual({ source: 7, target: 1234 });
    for (const [source, target] of [
      [255, 1],
      [-1, 1],
      [0, 0],
      [0, 65_535],
      [0.5, 1],
    ] as const) {
      expect(() => markOf(source, target)).toThrow(RangeError);
    }
  });

  it('of others, and those that name no target, are not read', () => {
    for (const mark of [0, 1, 0x51000001, 0x50000000, 0x4000, 0xd0000001, REJECT_MARK, RESET_MARK]) {
      expect(readMark(mark)).toBeNull();
    }
  });
});

describe('the table', () => {
  it('leads marks to addresses, and to ports where they are mapped', () => {
    expect(elementsOf('targets_ip')).toEqual([
      [1, '10.0.0.41'],
      [2, '10.0.0.41'],
    ]);
    expect(elementsOf('targets_ip6')).toEqual([[3, '2001:db8::41']]);
    expect(elementsOf('target_ports')).toEqual([[2, 4443]]);
  });

  it('groups sources by their ports', () => {
    expect(elementsOf('sources_ip_1024_65535')).toEqual([
      [0x10000, '10.0.0.44'],
      [0x20000, '10.0.0.45'],
    ]);
    expect(elementsOf('sources_ip6_any')).toEqual([[0x30000, '2001:db8::44']]);
  });

  it('has one element for a range of ports, and one policy for one time', () => {
    expect(elementsOf('timeouts_ip')).toEqual([
      [{ concat: ['10.0.0.40', 'tcp', { range: [5060, 5061] }] }, { jump: { target: 'tcp_1860' } }],
      [{ concat: ['10.0.0.40', 'tcp', 443] }, { jump: { target: 'tcp_1860' } }],
    ]);
    expect(policiesOf(SOME).map(({ name }) => name)).toEqual(['tcp_1860', 'udp_120']);
    expect(declareTimeouts('inet', 'poolgate', policiesOf(SOME))).toContain(
      'policy = { unreplied : 120, replied : 120 };',
    );
  });

  it('stands in the way of a forwarded packet once, and asks only the first of a connection for more', () => {
    const hooks = added(SOME, 'chain') as { name?: string; type?: string; hook?: string }[];
    const met = hooks.filter(({ hook }) => hook && ['prerouting', 'forward', 'postrouting'].includes(hook));
    expect(met.map(({ name, type }) => [name, type])).toEqual([
      ['choose', 'nat'],
      ['forward', 'filter'],
      ['source', 'nat'],
    ]);
  });

  it('needs no more rules for more targets and services', () => {
    const many = {
      ...SOME,
      targets: Array.from({ length: 1000 }, (_, i) => ({ number: i + 1, address: '10.0.0.41', port: i + 1 })),
    };
    expect(added(many, 'rule')).toHaveLength(added(SOME, 'rule').length);
  });

  it('is replaced in one transaction: emptied, then declared; only its own names stand in it', () => {
    const existing = {
      chains: ['old'],
      sets: [
        { kind: 'map' as const, name: 'm' },
        { kind: 'set' as const, name: 's' },
      ],
      timeouts: ['tcp_1'],
    };
    const commands = render(SOME, existing).nftables as Record<
      string,
      Record<string, { table?: string; name?: string }>
    >[];
    const verbs = commands.map((command) => Object.keys(command)[0]);
    expect(verbs.slice(0, 6)).toEqual(['add', 'flush', 'delete', 'delete', 'delete', 'add']);
    expect(commands.slice(2, 5).map((one) => Object.entries(one['delete'] ?? {})[0])).toEqual([
      ['map', { family: 'inet', table: 'poolgate', name: 'm' }],
      ['set', { family: 'inet', table: 'poolgate', name: 's' }],
      ['chain', { family: 'inet', table: 'poolgate', name: 'old' }],
    ]);
    for (const command of commands) {
      const [thing] = Object.values(Object.values(command)[0] ?? {});
      expect(thing?.table ?? thing?.name).toBe('poolgate');
    }
    expect(renderRemoval().nftables).toHaveLength(2);
  });
});

function rulesFor(rules: readonly ForwardRule[]): string[] {
  const forwarding = { allow: 'rules', interfaces: ['eth0', 'eth1'], rules } as const;
  return added({ ...SOME, forwarding }, 'rule')
    .filter(({ chain }) => chain === 'forward')
    .map(({ expr }) => JSON.stringify(expr));
}

describe('a filter of forwarded traffic', () => {
  it('that is empty adds no rule, not even that ours are accepted', () => {
    const rules = added(SOME, 'rule').filter(({ chain }) => chain === 'forward');
    expect(JSON.stringify(rules.map(({ expr }) => expr))).toMatch(/maxseg/);
    expect(rules).toHaveLength(3);
  });

  it('accepts replies and what is listed, and ends with dropping', () => {
    const rules = rulesFor([
      { from: '10.0.0.0/8', protocol: 'udp', ports: { first: 53, last: 53 } },
      { to: '2001:db8::1' },
    ]);
    expect(rules).toHaveLength(4 + 1 + 2 + 1);
    expect(rules[5]).toContain('{"prefix":{"addr":"10.0.0.0","len":8}}');
    expect(rules[6]).toContain('"ip6"');
    expect(rules.at(-1)).toContain('{"drop":null}');
  });

  it('comes after what forwards for our sake alone, and takes nobody where we have no interface', () => {
    const closed = { interfaces: ['eth0', 'eth1'], ipv4: ['eth0'], ipv6: 'machine' } as const;
    const rules = added({ ...SOME, forwarding: { allow: 'all', closed } }, 'rule')
      .filter(({ chain }) => chain === 'forward')
      .map(({ expr }) => JSON.stringify(expr));
    expect(rules).toHaveLength(3 + 1 + 3);
    expect(rules[4]).toMatch(/"ipv4".*"iifname".*"eth0".*"!=".*"oifname".*"drop"/);
    expect(rules[5]).toMatch(/"ipv6".*"!=".*"iifname".*"drop"/);
    expect(rules[6]).toMatch(/"ipv6".*"!=".*"oifname".*"drop"/);
    const open = { interfaces: ['eth0', 'eth1'], ipv4: [], ipv6: [] };
    expect(added({ ...SOME, forwarding: { allow: 'all', closed: open } }, 'rule')).toEqual(
      added(SOME, 'rule'),
    );
  });

  it('has no rule for traffic from one family to the other, which there is not', () => {
    expect(rulesFor([{ from: '10.0.0.0/8', to: '2001:db8::/32' }])).toEqual(rulesFor([]));
  });
});

describe('a translation that cannot be', () => {
  it.each<[string, Partial<Translation>]>([
    ['two targets have the number 1', { targets: [SOME.targets[0]!, SOME.targets[0]!] }],
    ['target has the number 65535', { targets: [{ number: 65_535, address: '10.0.0.1', port: null }] }],
    ['source has the number 0', { sources: [{ number: 0, address: '10.0.0.1', ports: null }] }],
    ['has the address "x; drop"', { targets: [{ number: 1, address: 'x; drop', port: null }] }],
    ['has the ports 9-8', { sources: [{ number: 1, address: '10.0.0.1', ports: { first: 9, last: 8 } }] }],
    ['idle after 0 s', { services: [{ ...SOME.services[0]!, idleS: 0 }] }],
    ['no name of an interface', { noRedirects: ['eth0" drop'] }],
    ['no interfaces', { forwarding: { allow: 'nothing', interfaces: [] } }],
  ])('%s', (text, part) => {
    expect(() => checkTranslation({ ...SOME, ...part })).toThrow(PoolgateError);
    expect(() => checkTranslation({ ...SOME, ...part })).toThrow(text);
  });
});

describe('the listing of nft', () => {
  it('is read for names', () => {
    const listing = {
      nftables: [
        { metainfo: {} },
        { table: { name: 't' } },
        { chain: { name: 'c' } },
        { map: { name: 'm' } },
        { set: { name: 's' } },
        { 'ct timeout': { name: 'x' } },
        { rule: { expr: [] } },
      ],
    };
    expect(parseListing(JSON.stringify(listing))).toEqual({
      chains: ['c'],
      sets: [
        { kind: 'map', name: 'm' },
        { kind: 'set', name: 's' },
      ],
      timeouts: ['x'],
    });
    expect(() => parseListing('{')).toThrow('something else than expected');
  });
});

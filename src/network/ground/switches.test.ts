import { expect, test } from 'vitest';
import { type Forwarded, forwardingSwitches, putBack, type Switch, wasClosed } from './switches.ts';
import type { Sysctls } from './sysctls.ts';

interface Fake extends Sysctls {
  readonly values: Map<string, string>;
}

/** Settings as a kernel has them: the switch of all interfaces for IPv6 turns those of each. */
function kernel(entries: Record<string, string>): Fake {
  const values = new Map(Object.entries(entries));
  const names = [...values.keys()].flatMap((path) => /^ipv6\/conf\/([^/]+)\//.exec(path)?.[1] ?? []);
  const interfaces = [...new Set(names)].filter((name) => name !== 'all');
  return {
    values,
    read: (path) => values.get(path) ?? null,
    write(path, value) {
      values.set(path, value);
      if (path !== 'ipv6/conf/all/forwarding') return;
      for (const name of interfaces) values.set(`ipv6/conf/${name}/forwarding`, value);
    },
    interfaces6: () => interfaces,
  };
}

function apply(wish: Forwarded, sysctls: Sysctls): Switch[] {
  const switches = forwardingSwitches(wish, sysctls);
  for (const { path, set } of switches) sysctls.write(path, set);
  return switches;
}

const both: Forwarded = { interfaces: ['eth0', 'eth1.5'], families: [4, 6], bridged: false };
const V4 = { 'ipv4/conf/eth0/forwarding': '0', 'ipv4/conf/eth1.5/forwarding': '1' };
/** Linux 6.1, where eth2 was a router's before. */
const OLD = {
  ...V4,
  'ipv6/conf/all/forwarding': '0',
  'ipv6/conf/eth0/forwarding': '0',
  'ipv6/conf/eth0/accept_ra': '1',
  'ipv6/conf/eth1.5/forwarding': '0',
  'ipv6/conf/eth1.5/accept_ra': '0',
  'ipv6/conf/eth2/forwarding': '1',
  'ipv6/conf/eth2/accept_ra': '2',
};

test('IPv4 alone: what was off is switched on, and is off again afterwards', () => {
  const sysctls = kernel(V4);
  const switches = apply({ ...both, families: [4] }, sysctls);
  expect(switches).toEqual([{ path: 'ipv4/conf/eth0/forwarding', before: '0', set: '1' }]);
  expect(wasClosed(switches)).toEqual({ ipv4: ['eth0'], ipv6: [] });
  putBack(switches, sysctls);
  expect(Object.fromEntries(sysctls.values)).toEqual(V4);
});

test('no redirects: by its own switch and by that of all', () => {
  const paths = ['ipv4/conf/eth0/send_redirects', 'ipv4/conf/all/send_redirects'];
  const before = Object.fromEntries(paths.map((path) => [path, '1']));
  const sysctls = kernel({ 'ipv4/conf/eth0/forwarding': '1', ...before });
  const switches = apply({ interfaces: ['eth0'], families: [4], bridged: false }, sysctls);
  expect(switches).toEqual(paths.map((path) => ({ path, before: '1', set: '0' })));
  expect(wasClosed(switches)).toEqual({ ipv4: [], ipv6: [] });
  putBack(switches, sysctls);
  expect(Object.fromEntries(sysctls.values)).toMatchObject(before);
});

test('IPv6 of Linux 6.1: one switch for all; routes go on being learned; all is put back, also of others', () => {
  const sysctls = kernel(OLD);
  const switches = apply(both, sysctls);
  expect(switches.map(({ path, set }) => `${path} ${set}`)).toEqual([
    'ipv4/conf/eth0/forwarding 1',
    'ipv6/conf/eth0/accept_ra 2',
    'ipv6/conf/eth2/forwarding 1',
    'ipv6/conf/all/forwarding 1',
  ]);
  expect(wasClosed(switches)).toEqual({ ipv4: ['eth0'], ipv6: 'machine' });
  putBack(switches, sysctls);
  expect(Object.fromEntries(sysctls.values)).toEqual(OLD);
});

test('IPv6 since Linux 6.17: only our interfaces', () => {
  const own = { 'ipv6/conf/eth0/force_forwarding': '0', 'ipv6/conf/eth1.5/force_forwarding': '0' };
  const switches = apply({ ...both, families: [6] }, kernel({ ...OLD, ...own }));
  expect(switches.map(({ path }) => path)).toEqual(Object.keys(own));
  expect(wasClosed(switches)).toEqual({ ipv4: [], ipv6: ['eth0', 'eth1.5'] });
});

test('a machine that forwards IPv6 already is left as it is', () => {
  const sysctls = kernel({ ...OLD, 'ipv6/conf/all/forwarding': '1' });
  expect(forwardingSwitches({ ...both, families: [6] }, sysctls)).toEqual([]);
});

test('bridges of ours are not looked into, where that can be', () => {
  const bridge: Forwarded = { interfaces: ['poolgate0'], families: [4], bridged: true };
  const own = { 'ipv4/conf/poolgate0/forwarding': '1' };
  expect(forwardingSwitches(bridge, kernel(own))).toEqual([]);
  const calls = { 'bridge/bridge-nf-call-iptables': '1', 'bridge/bridge-nf-call-ip6tables': '0' };
  expect(forwardingSwitches(bridge, kernel({ ...own, ...calls }))).toEqual([
    { path: 'bridge/bridge-nf-call-iptables', before: '1', set: '0' },
  ]);
});

test('what somebody else has set since stays', () => {
  const sysctls = kernel(V4);
  const switches = apply({ ...both, families: [4] }, sysctls);
  sysctls.values.set('ipv4/conf/eth0/forwarding', '0');
  sysctls.values.set('ipv4/conf/eth1.5/forwarding', '0');
  putBack(switches, sysctls);
  expect(sysctls.values.get('ipv4/conf/eth1.5/forwarding')).toBe('0');
});

test('no interface of the name, and a kernel without IPv6, are refused in words', () => {
  expect(() => forwardingSwitches(both, kernel({}))).toThrow('no network interface "eth0"');
  expect(() => forwardingSwitches({ ...both, families: [6] }, kernel(V4))).toThrow('no IPv6');
});

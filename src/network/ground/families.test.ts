import { expect, test } from 'vitest';
import { configWith, load } from '../../config/testing.ts';
import { fakeInterface } from '../testing.ts';
import { familiesOf } from './families.ts';

const TWO = 'mode: two-armed, clientInterface: eth0, serverInterface: eth1';
const OURS = [
  fakeInterface(2, 'eth0', ['10.0.0.5/24', 'fe80::1/64']),
  fakeInterface(3, 'eth1', ['192.168.0.5/24', '2001:db8:1::5/64']),
];

function families(topology: string, more = ''): number[] {
  return familiesOf(load(configWith({ head: `topology: { ${topology} }`, more })).effective, OURS);
}

test('those of the VIPs; IPv6 is left alone by a config without it', () => {
  expect(families('interface: eth0')).toEqual([4]);
  expect(families(TWO)).toEqual([4]);
  expect(families('interface: eth0', '  - { name: six, vip: "2001:db8::40", pool: p, ports: [1] }')).toEqual([
    4, 6,
  ]);
});

test('a router forwards what its interfaces have; an address of the link alone is none', () => {
  expect(families(`${TWO}, routing: true`)).toEqual([4, 6]);
  const alone = load(configWith({ head: `topology: { ${TWO}, routing: true }` })).effective;
  expect(familiesOf({ ...alone, services: [] }, [fakeInterface(2, 'eth0', ['fe80::1/64'])])).toEqual([]);
});

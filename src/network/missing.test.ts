import { expect, test } from 'vitest';
import { inNetwork } from './family.ts';
import { hintForMissing } from './missing.ts';

const networks = [
  { name: 'eth0', address: '10.0.0.5', prefix: 24 },
  { name: 'eth1', address: '2001:db8::5', prefix: 64 },
];

test('names the interface in whose network it lies, and both ways', () => {
  expect(hintForMissing('10.0.0.77', 'the VIP', networks)).toContain('`topology: { interface: eth0 }`');
  expect(hintForMissing('10.0.0.77', 'the VIP', networks)).toContain(
    '`ip address add 10.0.0.77/32 dev eth0`',
  );
  expect(hintForMissing('2001:db8::77', 'the VIP', networks)).toContain(
    '`ip address add 2001:db8::77/128 dev eth1`',
  );
  expect(hintForMissing('10.0.0.77', 'the SNAT pool', networks)).toMatch(/or correct the SNAT pool\.$/);
  expect(hintForMissing('10.0.1.77', 'the VIP', networks)).toContain(
    'no network of this machine (eth0 10.0.0.5/24, eth1',
  );
});

test.each([
  ['10.0.0.127', '10.0.0.5', 25, true],
  ['10.0.0.128', '10.0.0.5', 25, false],
  ['10.9.9.9', '10.0.0.5', 8, true],
  ['1.2.3.4', '10.0.0.5', 0, true],
  ['2001:db8:0:1::1', '2001:db8::5', 64, false],
  ['2001:db8::1', '10.0.0.5', 0, false],
])('%s in the network of %s/%i: %s', (address, of, prefix, inside) => {
  expect(inNetwork(address, of, prefix)).toBe(inside);
});

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatCidr, isWithin, networkOf, parseInterfaceAddress, parseNetwork } from './cidr.ts';

it.each([
  ['192.168.0.40/24', '192.168.0.40/24'],
  ['10.0.0.0/31', '10.0.0.0/31'],
  ['2001:DB8:0::40/64', '2001:db8::40/64'],
])('an address with its network: %s', (text, canonical) => {
  const parsed = parseInterfaceAddress(text);
  expect(parsed.ok && formatCidr(parsed.cidr)).toBe(canonical);
});

it.each([
  ['192.168.0.40', 'has no prefix length'],
  ['192.168.0.0/24', 'is a network'],
  ['192.168.0.255/24', 'broadcast'],
  ['2001:db8::/64', 'is a network'],
  ['192.168.0.40/32', 'names no network'],
  ['192.168.0.40/0', 'names no network'],
  ['192.168.0.40/33', 'beyond 32'],
  ['0.0.0.0/8', 'is a network'],
  ['fe80::1/64', 'link-local'],
  ['eth0/24', 'is a name'],
  ['/24', 'not an address with its prefix length'],
])('no address of a machine in a network: %s', (text, problem) => {
  const parsed = parseInterfaceAddress(text);
  expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  expect(!parsed.ok && parsed.hint).not.toBe('');
});

function text(of: string): string {
  const parsed = parseNetwork(of);
  return parsed.ok ? formatCidr(parsed.cidr) : parsed.hint;
}

it('networks, and addresses by themselves', () => {
  expect(text('10.0.0.0/24')).toBe('10.0.0.0/24');
  expect(text('0.0.0.0/0')).toBe('0.0.0.0/0');
  expect(text('::/0')).toBe('::/0');
  expect(text('10.0.0.41')).toBe('10.0.0.41');
  expect(text('10.0.0.41/24')).toBe(
    'Write 10.0.0.0/24 for the network, or 10.0.0.41 for this address alone.',
  );
});

const v4 = fc.ipV4().filter((a) => !/^(0|22[4-9]|2[3-5]\d)\./.test(a));

it('an address is in its network, and its network is one', () => {
  fc.assert(
    fc.property(v4, fc.integer({ min: 1, max: 31 }), (address, prefix) => {
      const network = networkOf({ address, prefix });
      expect(isWithin(address, network)).toBe(true);
      expect(networkOf(network)).toEqual(network);
    }),
  );
  expect(isWithin('10.0.0.1', { address: '2001:db8::', prefix: 0 })).toBe(false);
});

it('any text is an address or a problem with words', () => {
  fc.assert(
    fc.property(fc.string(), (any) => {
      const words = [parseInterfaceAddress(any), parseNetwork(any)].map((p) =>
        p.ok ? p.cidr.address : p.problem,
      );
      expect(words).not.toContain('');
    }),
  );
});

import { expect, test } from 'vitest';
import { PoolgateError } from '../lib/errors.ts';
import { findInterface, parseInterfaces } from './interfaces.ts';

/** As iproute2 6.1 prints it, shortened. */
const LISTING = JSON.stringify([
  {
    ifindex: 1,
    ifname: 'lo',
    flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
    link_type: 'loopback',
    address: '00:00:00:00:00:00',
    addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8 }],
  },
  {},
  {
    ifindex: 4,
    ifname: 'eth0',
    altnames: ['enp3s0'],
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    link_type: 'ether',
    address: '02:00:5e:00:53:01',
    addr_info: [
      { family: 'inet', local: '10.0.0.5', prefixlen: 24, label: 'eth0' },
      { family: 'inet6', local: '2001:db8::40', prefixlen: 128, tentative: true, dadfailed: true },
      {},
    ],
  },
  {
    ifindex: 5,
    ifname: 'dummy0',
    flags: ['BROADCAST', 'NOARP', 'UP', 'LOWER_UP'],
    link_type: 'ether',
    address: '02:00:5e:00:53:02',
  },
  { ifindex: 6, ifname: 'wg0', flags: ['POINTOPOINT', 'NOARP', 'UP'], link_type: 'none' },
]);

test('reads names, MAC, state and addresses', () => {
  const [lo, eth0, dummy0, wg0] = parseInterfaces(LISTING);
  expect(lo).toMatchObject({ name: 'lo', mac: null, hasNeighbours: false, up: true });
  expect(eth0).toEqual({
    index: 4,
    name: 'eth0',
    otherNames: ['enp3s0'],
    mac: '02:00:5e:00:53:01',
    hasNeighbours: true,
    switchedOn: true,
    master: null,
    up: true,
    addresses: [
      { address: '10.0.0.5', prefix: 24, duplicate: false },
      { address: '2001:db8::40', prefix: 128, duplicate: true },
    ],
  });
  expect(dummy0).toMatchObject({ mac: '02:00:5e:00:53:02', hasNeighbours: false, addresses: [] });
  expect(wg0).toMatchObject({ mac: null, hasNeighbours: false, up: false });
});

test.each(['', 'null', '{"a":1}', '[{"ifname":7}]', '[1]'])(
  'what `ip` never prints is refused: %s',
  (text) => {
    expect(() => parseInterfaces(text)).toThrow(/JSON|expected/i);
  },
);

test('an interface is found by either name; a wrong name is answered by the nearest', () => {
  const all = parseInterfaces(LISTING);
  expect(findInterface(all, 'enp3s0').name).toBe('eth0');
  expect(hintOf(() => findInterface(all, 'eht0'))).toBe(
    'Did you mean eth0? Correct `topology` in the config.',
  );
  expect(hintOf(() => findInterface(all, 'bond7'))).toBe(
    'There are: lo, eth0, dummy0, wg0. Correct `topology` in the config.',
  );
});

function hintOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof PoolgateError && error.code === 'INTERFACE_MISSING') return error.hint;
  }
  return 'no such error';
}

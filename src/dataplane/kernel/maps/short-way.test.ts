import { expect, test } from 'vitest';
import { portsOfShortWay } from './short-way.ts';

const SYSTEM = { first: 32_768, last: 60_999 };
const here = (systemPorts = SYSTEM) => ({
  isOpen: true,
  systemAddresses: new Set(['192.0.2.2']),
  systemPorts,
});
const range = (first: number, last: number) => ({ first, last });

test.each([
  [
    'an address of the SNAT pool alone has the ports that the config names',
    '192.0.2.44',
    range(1024, 65_535),
    here(),
    range(1024, 65_535),
  ],
  ['or those of the system', '192.0.2.44', null, here(), SYSTEM],
  [
    'the address of health checks has those below the system’s',
    '192.0.2.2',
    null,
    here(),
    range(1024, 32_767),
  ],
  ['or above', '192.0.2.2', null, here(range(1024, 30_000)), range(30_001, 65_535)],
  ['or none', '192.0.2.2', null, here(range(1024, 65_535)), null],
  [
    'ports that the config names for it are taken apart from the system’s',
    '192.0.2.2',
    range(2000, 2999),
    here(),
    range(2000, 2999),
  ],
  ['also above', '192.0.2.2', range(61_000, 61_999), here(), range(61_000, 61_999)],
  ['and else left to conntrack', '192.0.2.2', range(1024, 65_535), here(), null],
])('%s', (_, address, ports, way, expected) => {
  expect(portsOfShortWay({ address, ports }, way)).toEqual(expected);
});

import { expect, it } from 'vitest';
import { parseConfig } from './load.ts';
import { configWith } from './testing.ts';

it.each([
  ['snatPorts: 1024-65535', 'CONFIG_SNAT_PORTS_ALONE'],
  ['snatPool: ["2001:db8::44"]', 'CONFIG_SNAT_FAMILY'],
  ['snatPool: [10.0.1.0-10.0.1.200, 10.0.2.0-10.0.2.200]', 'CONFIG_SNAT_TOO_LARGE'],
  ['snatPool: [10.0.0.47-10.0.0.44]', 'CONFIG_INVALID'],
  ['snatPool: [10.0.0.44-10.0.9.44]', 'CONFIG_INVALID'],
  ['snatPool: [10.0.0.44/24]', 'CONFIG_INVALID'],
  ['snatPool: [10.0.0.44], snatPorts: 65535-1024', 'CONFIG_INVALID'],
])('%s is refused: %s', (text, code) => {
  const { config, findings } = parseConfig(configWith({ service: `ports: [1], ${text}` }), 'c.yaml');
  expect(config).toBeNull();
  expect(findings.map(({ rule }) => rule)).toEqual([code]);
});

it('ranges are written out, each address once', () => {
  const service =
    'ports: [1], snatPool: [10.0.0.44-10.0.0.46, 10.0.0.45, 10.0.0.254-10.0.1.1], snatPorts: 2000-2099';
  const { config } = parseConfig(configWith({ service }), 'c.yaml');
  expect(config?.effective.services[0]?.snat).toEqual({
    addresses: ['10.0.0.44', '10.0.0.45', '10.0.0.46', '10.0.0.254', '10.0.0.255', '10.0.1.0', '10.0.1.1'],
    ports: { first: 2000, last: 2099 },
  });
});

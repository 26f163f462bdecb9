import { expect, test } from 'vitest';
import { type EffectiveTopology, oneArmed } from '../model/effective.ts';
import { config } from '../state/testing.ts';
import { wantedAddresses } from './wanted.ts';

function wanted(topology: EffectiveTopology): string[] {
  const [service] = config().services;
  if (!service) throw new Error('no service');
  const snat = { addresses: ['10.0.1.60', '10.0.1.40', '127.0.0.9'], ports: null };
  const services = [
    { ...service, snat },
    { ...service, name: 'other', vip: '2001:db8::40' },
    { ...service, name: 'same', snat },
    { ...service, name: 'here', vip: '127.0.0.2' },
    { ...service, name: 'six', vip: '::1' },
  ];
  return wantedAddresses(config({}, { services, topology })).map(
    ({ address, prefix, interfaceName }) => `${address}/${prefix} ${interfaceName}`,
  );
}

const serverAddress = { address: '10.0.1.40', prefix: 24 };

test('VIPs and SNAT addresses, each once, and nothing that is on every machine', () => {
  const all = ['10.0.0.40/32', '10.0.1.60/32', '10.0.1.40/32', '2001:db8::40/128'];
  expect(wanted(oneArmed('eth0'))).toEqual(all.map((a) => `${a} eth0`));
  expect(wanted(oneArmed(null))).toEqual(all.map((a) => `${a} null`));
});

test("two arms: VIPs for the clients, the rest for the servers, our own address with the servers' network", () => {
  const topology = {
    mode: 'two-armed',
    clientInterface: 'eth0',
    serverInterface: 'eth1',
    serverAddress,
    routing: false,
    filter: [],
    keepAtStop: false,
  } as const;
  expect(wanted(topology)).toEqual([
    '10.0.1.40/24 eth1',
    '10.0.0.40/32 eth0',
    '10.0.1.60/32 eth1',
    '2001:db8::40/128 eth0',
  ]);
});

test('a bridge has all of them', () => {
  const topology = {
    mode: 'transparent',
    bridgePorts: ['eth0', 'eth1'],
    serverAddress,
    gateway: null,
    keepAtStop: false,
  } as const;
  expect(wanted(topology).every((one) => one.endsWith(' poolgate0'))).toBe(true);
});

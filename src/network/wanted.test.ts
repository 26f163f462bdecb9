import { expect, test } from 'vitest';
import { config } from '../state/testing.ts';
import { wantedAddresses } from './wanted.ts';

test('VIPs and SNAT addresses, each once, and nothing that is on every machine', () => {
  const [service] = config().services;
  if (!service) throw new Error('no service');
  const snat = { addresses: ['10.0.0.60', '10.0.0.40', '127.0.0.9'], ports: null };
  const services = [
    { ...service, snat },
    { ...service, name: 'other', vip: '2001:db8::40' },
    { ...service, name: 'here', vip: '127.0.0.2' },
    { ...service, name: 'six', vip: '::1' },
  ];
  expect(wantedAddresses(config({}, { services }))).toEqual(['10.0.0.40', '10.0.0.60', '2001:db8::40']);
});

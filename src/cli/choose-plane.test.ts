import { expect, test } from 'vitest';
import type { EffectiveConfig, EffectiveService } from '../model/effective.ts';
import { choosePlane } from './choose-plane.ts';

function config(
  dataPlane: EffectiveConfig['dataPlane'],
  vip: string,
  interfaceName: string | null = null,
): EffectiveConfig {
  const service = { name: 'ocs', vip } as EffectiveService;
  const admin = { host: '127.0.0.1', port: 9080 };
  const topology = { interface: interfaceName };
  return { dataPlane, admin, topology, shutdownTimeoutMs: 1000, pools: [], services: [service] };
}

test('says why it is the proxy', () => {
  expect(choosePlane(config('proxy', '10.0.0.40')).reason).toBe('the config says dataPlane: proxy');
  expect(choosePlane(config('auto', '127.0.0.2')).reason).toBe('auto: 127.0.0.2 is a loopback address');
  expect(choosePlane(config('auto', '::1')).reason).toBe('auto: ::1 is a loopback address');
  expect(choosePlane(config('auto', '10.0.0.40')).reason).toBe('auto: no topology.interface is given');
  const reason = 'auto: this version has no other data plane';
  expect(choosePlane(config('auto', '10.0.0.40', 'eth0')).reason).toBe(reason);
});

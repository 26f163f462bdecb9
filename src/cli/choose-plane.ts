/** Which data plane runs, and why, in one line for the log and `poolgate status`. Pure. */
import { isIP } from 'node:net';
import type { EffectiveConfig } from '../model/effective.ts';

export interface PlaneChoice {
  readonly name: 'proxy';
  readonly reason: string;
}

export function choosePlane(config: EffectiveConfig): PlaneChoice {
  if (config.dataPlane === 'proxy') return { name: 'proxy', reason: 'the config says dataPlane: proxy' };
  const addresses = [
    ...config.services.map((service) => service.vip),
    ...config.pools.flatMap((pool) => pool.realServers.map((server) => server.address)),
  ];
  const loopback = addresses.find(isLoopback);
  if (loopback !== undefined) return { name: 'proxy', reason: `auto: ${loopback} is a loopback address` };
  if (config.topology.interface === null) {
    return { name: 'proxy', reason: 'auto: no topology.interface is given' };
  }
  return { name: 'proxy', reason: 'auto: this version has no other data plane' };
}

function isLoopback(address: string): boolean {
  return isIP(address) === 4 ? address.startsWith('127.') : address === '::1';
}

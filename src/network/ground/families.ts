/** Which families of addresses are to be forwarded between our interfaces. */
import type { EffectiveConfig } from '../../model/effective.ts';
import { type Family, familyOf } from '../family.ts';
import { readInterfaces } from '../iproute.ts';
import { findInterface, type Interface } from '../interfaces.ts';
import type { Forwarded } from './switches.ts';

/**
 * By the names that the kernel shows, where the config has others.
 * @throws PoolgateError INTERFACE_MISSING, SYSTEM
 */
export async function forwardedOf(
  config: EffectiveConfig,
  interfaces: readonly string[],
): Promise<Forwarded> {
  const all = await readInterfaces();
  const ours = interfaces.map((name) => findInterface(all, name));
  return {
    interfaces: ours.map(({ name }) => name),
    families: familiesOf(config, ours),
    bridged: config.topology.mode === 'transparent',
  };
}

/** Those of VIPs and of our own address; a router also forwards those that its interfaces have. Pure. */
export function familiesOf({ topology, services }: EffectiveConfig, ours: readonly Interface[]): Family[] {
  const addresses = services.map(({ vip }) => vip);
  if (topology.mode === 'two-armed' && topology.routing) {
    if (topology.serverAddress) addresses.push(topology.serverAddress.address);
    const own = ours.flatMap((one) => one.addresses.map(({ address }) => address));
    addresses.push(...own.filter((address) => !address.startsWith('fe80:')));
  }
  const families = new Set(addresses.map(familyOf));
  return ([4, 6] as const).filter((family) => families.has(family));
}

import type { EffectiveConfig } from '../model/effective.ts';
import { isLoopbackAddress } from './family.ts';

/** The addresses that the config needs on its interface, each once; loopback addresses are there on every machine. Pure. */
export function wantedAddresses(config: EffectiveConfig): string[] {
  const all = config.services.flatMap(({ vip, snat }) => [vip, ...(snat?.addresses ?? [])]);
  return [...new Set(all)].filter((address) => !isLoopbackAddress(address));
}

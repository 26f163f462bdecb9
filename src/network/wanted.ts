import { BRIDGE, type EffectiveConfig } from '../model/effective.ts';
import { fullPrefix, isLoopbackAddress } from './family.ts';

export interface WantedAddress {
  readonly address: string;
  /** 32 or 128 of one that stands alone. */
  readonly prefix: number;
  /** Where it is to be; null: it must be on this machine already. */
  readonly interfaceName: string | null;
}

/** The addresses that the config needs, each once; loopback addresses are there on every machine. Pure. */
export function wantedAddresses({ topology, services }: EffectiveConfig): WantedAddress[] {
  const { clients, servers } = sides(topology);
  const own = topology.mode === 'one-armed' ? null : topology.serverAddress;
  // First, because the others lie in its network, and because a SNAT address may be the same.
  const all = [
    ...(own ? [{ ...own, interfaceName: servers }] : []),
    ...services.flatMap(({ vip, snat }) => [
      alone(vip, clients),
      ...(snat?.addresses ?? []).map((address) => alone(address, servers)),
    ]),
  ];
  const first = new Map(all.toReversed().map((one) => [one.address, one]));
  const inOrder = [...new Set(all.map(({ address }) => address))];
  return inOrder
    .filter((address) => !isLoopbackAddress(address))
    .flatMap((address) => first.get(address) ?? []);
}

function alone(address: string, interfaceName: string | null): WantedAddress {
  return { address, prefix: fullPrefix(address), interfaceName };
}

function sides(topology: EffectiveConfig['topology']): { clients: string | null; servers: string | null } {
  if (topology.mode === 'transparent') return { clients: BRIDGE, servers: BRIDGE };
  if (topology.mode === 'one-armed') return { clients: topology.interface, servers: topology.interface };
  return { clients: topology.clientInterface, servers: topology.serverInterface };
}

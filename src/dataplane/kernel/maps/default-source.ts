/** Where connections come from when the config names no SNAT pool: the address that this machine's routes prefer. */
import { createSocket } from 'node:dgram';
import { PoolgateError } from '../../../lib/errors.ts';
import { familyOf } from '../../../network/family.ts';
import type { DesiredState, PlaneSnat } from '../../dataplane.ts';
import type { DefaultSource } from './render.ts';

/** Connecting a UDP socket sends nothing; it asks the routes. The discard port (RFC 863), for some number is needed. */
const ANY_PORT = 9;

/** @throws PoolgateError ADDRESS_MISSING when there is no route to the address */
export async function sourceTowards(address: string): Promise<string> {
  const socket = createSocket(familyOf(address) === 6 ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(ANY_PORT, address, () => resolve());
    });
    return socket.address().address;
  } catch (error) {
    throw new PoolgateError('ADDRESS_MISSING', `this machine has no route to ${address}`, {
      hint: 'Give this machine an address in the network of its servers, or a route there.',
      cause: error,
    });
  } finally {
    socket.close();
  }
}

export interface SystemSources {
  /** For every service that leaves it to the system: the addresses from which its servers are reached. */
  readonly sourceOf: DefaultSource;
  /** The same of all services: this machine's own connections, such as health checks, come from there. */
  readonly addresses: ReadonlySet<string>;
}

/** @throws PoolgateError ADDRESS_MISSING */
export async function systemSources(state: DesiredState): Promise<SystemSources> {
  const found = new Map<string, PlaneSnat>();
  const all = new Set<string>();
  const pools = new Map(state.pools.map((pool) => [pool.name, pool]));
  for (const { name, settings } of state.services) {
    if (settings.nat !== 'full') continue;
    const pool = pools.get(settings.pool);
    const ends = [...(pool?.servers ?? []), ...(pool?.fallback ? [pool.fallback] : [])];
    const addresses = await Promise.all(ends.map(({ address }) => sourceTowards(address)));
    for (const address of addresses) all.add(address);
    if (!settings.snat) found.set(name, { addresses: [...new Set(addresses)], ports: null });
  }
  return { sourceOf: (service) => found.get(service) ?? { addresses: [], ports: null }, addresses: all };
}

/** A virtual service with what rules about it need: its pool, the family of its VIP, a name that nftables takes. */
import { isIPv6 } from 'node:net';
import type {
  EffectiveConfig,
  EffectivePool,
  EffectiveServer,
  EffectiveService,
  Protocol,
} from '../../../model/effective.ts';
import { portSet } from './words.ts';

export interface Place {
  readonly service: EffectiveService;
  readonly pool: EffectivePool;
  readonly v6: boolean;
  /** Letters, digits and `_`, unique. */
  readonly id: string;
  /** Those that get connections, and that a translation within the family reaches. */
  readonly servers: readonly EffectiveServer[];
}

export function placesOf({ services, pools }: EffectiveConfig): Place[] {
  const taken = new Set<string>();
  return services.flatMap((service): Place[] => {
    const pool = pools.find(({ name }) => name === service.pool);
    if (!pool) return [];
    const v6 = isIPv6(service.vip);
    const servers = pool.realServers.filter(
      ({ address, admin, weight }) => isIPv6(address) === v6 && admin === 'ready' && weight > 0,
    );
    return [{ service, pool, v6, id: identifier(service.name, taken), servers }];
  });
}

function identifier(name: string, taken: Set<string>): string {
  const base = name.replaceAll(/\W/g, '_');
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}_${number}`;
  taken.add(id);
  return id;
}

/** The protocols that the service has ports of. */
export function protocolsOf({ service }: Place): Protocol[] {
  return (['tcp', 'udp'] as const).filter((protocol) => service.ports.some((p) => p.protocol === protocol));
}

/** What packets of clients to this service are known by. */
export function dialled({ service, v6 }: Place, protocol: Protocol): string {
  const ports = portSet(service.ports.filter((range) => range.protocol === protocol));
  return `${v6 ? 'ip6' : 'ip'} daddr ${service.vip} ${protocol} dport ${ports}`;
}

/**
 * What of a virtual service is one virtual server: ports that are the same on the servers share a group, and with it the
 * checks and the verdict; a port that is another one on the servers is a virtual server of its own.
 */
import { isIPv6 } from 'node:net';
import type {
  EffectivePool,
  EffectiveServer,
  EffectiveService,
  PortRange,
  Protocol,
} from '../../../model/effective.ts';

/** Each port is a virtual server of the kernel. */
const MOST_PORTS = 1024;
/** Each port of a mapped range is a block of the file, with all servers and checks. */
const MOST_MAPPED = 64;

export interface VirtualServer {
  readonly service: EffectiveService;
  readonly pool: EffectivePool;
  readonly protocol: Protocol;
  readonly ports: readonly number[];
  /** Null: the port that the client dialled. */
  readonly serverPort: number | null;
  /** Of the group; null where there is one port alone. */
  readonly group: string | null;
}

/** None where there is no server that it could lead to: keepalived warns of such. */
export function virtualServersOf(pool: EffectivePool, service: EffectiveService): VirtualServer[] {
  if (serversOf({ pool, service }).length === 0) return [];
  return (['tcp', 'udp'] as const).flatMap((protocol) => {
    const ranges = service.ports.filter((range) => range.protocol === protocol && !tooMany(range));
    const plain = ranges.filter((range) => !isMapped(range)).flatMap(portsOf);
    const mapped = ranges
      .filter(isMapped)
      .flatMap((range) => portsOf(range).map((port) => ({ range, port })));
    const common = { service, pool, protocol };
    const [first] = plain;
    const group = protocol === 'udp' ? `${service.name}:udp` : service.name;
    const together: VirtualServer[] =
      first === undefined
        ? []
        : plain.length === 1
          ? [{ ...common, ports: plain, serverPort: first, group: null }]
          : [{ ...common, ports: plain, serverPort: null, group }];
    return [
      ...together,
      ...mapped.map(({ range, port }) => ({
        ...common,
        ports: [port],
        serverPort: range.serverFirst + port - range.first,
        group: null,
      })),
    ];
  });
}

/** Those that IPVS can reach from this VIP, and that are not in maintenance. */
export function serversOf({ pool, service }: Pick<VirtualServer, 'pool' | 'service'>): EffectiveServer[] {
  return pool.realServers.filter(
    ({ address, admin }) => isIPv6(address) === isIPv6(service.vip) && admin !== 'maint',
  );
}

export function isMapped({ first, serverFirst }: PortRange): boolean {
  return first !== serverFirst;
}

/** A range of which each port would be more than IPVS or the file is made for. */
export function tooMany(range: PortRange): boolean {
  return range.last - range.first >= (isMapped(range) ? MOST_MAPPED : MOST_PORTS);
}

export function portsOf({ first, last }: PortRange): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

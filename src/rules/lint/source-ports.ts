/**
 * R21: a connection to one port of one server takes one port of one source address, and all clients may dial the same port
 * of the VIP. Counted are the shares that the weights give, with all servers and with one of them down.
 */
import { isIPv6 } from 'node:net';
import type { EffectiveServer, EffectiveService } from '../../model/effective.ts';
import type { Lint, Subject, Violation } from '../rule.ts';
import { type PoolView, poolsOf, type ServiceView } from './views.ts';

export const sourcePorts: Lint = (subject) =>
  poolsOf(subject).flatMap((view) => [
    ...view.services.flatMap((service) => ofService(view, service, subject)),
    ...ofServers(view, subject),
  ]);

/** Source ports to one port of the server. */
function room({ snat }: EffectiveService, { address }: EffectiveServer, { localPorts }: Subject) {
  const family = (other: string): boolean => isIPv6(other) === isIPv6(address);
  const addresses = snat ? snat.addresses.filter(family).length : 1;
  const { first, last } = snat?.ports ?? localPorts;
  return { addresses, ports: last - first + 1, total: addresses * (last - first + 1), own: snat?.ports };
}

function roomText({ addresses, ports, total, own }: ReturnType<typeof room>): string {
  const whose = own ? '`snatPorts`' : "this machine's ip_local_port_range";
  const sources = addresses === 1 ? 'one source address' : `${addresses} source addresses`;
  return `${sources} × ${count(ports)} ports (${whose}) = ${count(total)}`;
}

function ofService({ pool }: PoolView, { at, service }: ServiceView, subject: Subject): Violation[] {
  if (service.nat !== 'full' || service.maxConnections === 0) return [];
  const servers = pool.realServers.filter(({ weight }) => weight > 0);
  const weights = servers.reduce((sum, { weight }) => sum + weight, 0);
  const path = ['virtualServices', at, 'maxConnections'];
  // Others get most when the heaviest is gone, and the heaviest itself when the next one is.
  const heaviest = servers.toSorted((a, b) => b.weight - a.weight).slice(0, 2);
  for (const lost of [null, ...heaviest]) {
    const left = weights - (lost?.weight ?? 0);
    for (const server of servers.filter((s) => s !== lost)) {
      const share = Math.ceil((service.maxConnections * server.weight) / left);
      const most = server.maxConnections === 0 ? share : Math.min(share, server.maxConnections);
      const there = room(service, server, subject);
      if (there.total === 0 || most <= there.total) continue;
      const when = lost ? `While \`${lost.name}\` is down, ` : '';
      const message = `${when}\`${server.name}\` may get ${count(most)} of ${count(service.maxConnections)} connections, and there are source ports for fewer: ${roomText(there)}.`;
      return [{ path, message: message.replace(/^`/, 'The server `') }];
    }
  }
  return [];
}

/** Limits of servers, where the services have none. */
function ofServers({ at, pool, services }: PoolView, subject: Subject): Violation[] {
  const free = services.filter(({ service }) => service.nat === 'full' && service.maxConnections === 0);
  if (free.length !== services.length) return [];
  return pool.realServers.flatMap((server, n): Violation[] => {
    const rooms = free.map(({ service }) => room(service, server, subject));
    const widest = rooms.toSorted((a, b) => b.total - a.total)[0];
    if (!widest || widest.total === 0 || server.maxConnections <= widest.total) return [];
    const message = `The server \`${server.name}\` may have ${count(server.maxConnections)} connections, and to one port of it there are source ports for fewer: ${roomText(widest)}.`;
    return [{ path: ['pools', at, 'realServers', n, 'maxConnections'], message }];
  });
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

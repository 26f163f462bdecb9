/** R22, R23, R25, R30: where the balancer stands, and what passes it without a VIP. */
import { formatCidr, isWithin, networkOf, parseNetwork, type Cidr } from '../../model/cidr.ts';
import type { EffectiveTopology, FilterRule, TwoArmed } from '../../model/effective.ts';
import type { Lint, Subject, Violation } from '../rule.ts';
import { PRIVATE } from './public.ts';
import { listText, type PoolView, poolsOf } from './views.ts';

/** R22 */
export const arms: Lint = (subject) => {
  const { topology, services } = subject.effective;
  if (topology.mode === 'one-armed') return apart(subject);
  if (topology.mode !== 'two-armed' || topology.serverAddress === null) return [];
  const { serverAddress } = topology;
  return services.flatMap(({ vip }, at): Violation[] => {
    if (!isWithin(vip, serverAddress) || vip === serverAddress.address) return [];
    const message = `The VIP ${vip} lies in the network of the servers, ${formatCidr(networkOf(serverAddress))}, and is added on the side of the clients.`;
    const hint = 'Write an address of the network of the clients, or correct `topology.serverAddress`.';
    return [{ path: ['virtualServices', at, 'vip'], message, hint }];
  });
};

/** Networks of different private ranges are surely not one. */
function apart(subject: Subject): Violation[] {
  return poolsOf(subject).flatMap(({ pool, services }): Violation[] => {
    for (const { at, service } of services) {
      const own = rangeOf(service.vip);
      const far = pool.realServers.find(({ address }) => {
        const range = rangeOf(address);
        return own !== undefined && range !== undefined && range !== own;
      });
      if (!far) continue;
      const message = `The VIP ${service.vip} and the server ${far.address} are in different networks, and the topology has one arm.`;
      const hint =
        'If the balancer joins the two, write `topology: { mode: two-armed, … }`; if a router does, leave it as it is.';
      return [{ path: ['virtualServices', at, 'vip'], message, hint, severity: 'info' }];
    }
    return [];
  });
}

function rangeOf(address: string): Cidr | undefined {
  return PRIVATE.find((range) => isWithin(address, range));
}

/** Pools whose servers have traffic of their own beside that of the VIP: not Edge Servers, between whose sides nothing is routed. */
function routedPools(subject: Subject): PoolView[] {
  return poolsOf(subject).filter(
    ({ profile, services }) => profile?.neverBalanced && !profile.edge && services.length > 0,
  );
}

/** R23 */
export const routing: Lint = (subject) => {
  const { topology } = subject.effective;
  if (topology.mode !== 'two-armed' || topology.routing) return [];
  const [view] = routedPools(subject);
  const direct = view?.profile?.neverBalanced?.[0];
  if (!view || !direct) return [];
  const message = `With two arms and without \`routing\` nobody reaches the servers of \`${view.pool.name}\` for what is not balanced (${listText(whatOf(view))}), and they do not reach their directory.`;
  return [{ path: ['topology', 'routing'], message }];
};

function whatOf({ profile }: PoolView): string[] {
  return (profile?.neverBalanced ?? []).map(({ value }) => value);
}

/** R25 */
export const reachable: Lint = (subject) =>
  filtered(subject, (rule, address, servers) => {
    const fromClients = rule.from === null || !inside(rule.from, servers);
    return fromClients && fits(rule.to, address) && rule.protocol !== 'icmp';
  }).map(({ names, view }) => ({
    path: ['topology', 'filter'],
    part: 'key',
    message: `The filter lets nothing through to ${names}: ${listText(whatOf(view))} cannot reach them.`,
  }));

/** R30 */
export const directory: Lint = (subject) =>
  filtered(subject, (rule, address, servers) => {
    const outward = rule.to === null || !inside(rule.to, servers);
    const port = rule.ports === null || (rule.ports.first <= 135 && 135 <= rule.ports.last);
    return outward && port && fits(rule.from, address) && (rule.protocol ?? 'tcp') === 'tcp';
  }).map(({ names }) => ({
    path: ['topology', 'filter'],
    part: 'key',
    message: `The filter does not let ${names} ask a domain controller (TCP 135).`,
  }));

interface Shut {
  readonly names: string;
  readonly view: PoolView;
}

/** Pools of which no rule lets some servers pass. */
function filtered(
  subject: Subject,
  lets: (rule: FilterRule, address: string, servers: TwoArmed['serverAddress']) => boolean,
): Shut[] {
  const { topology } = subject.effective;
  if (!hasFilter(topology)) return [];
  return routedPools(subject).flatMap((view) => {
    const shut = view.pool.realServers.filter(
      ({ address }) => !topology.filter.some((rule) => lets(rule, address, topology.serverAddress)),
    );
    return shut.length === 0 ? [] : [{ names: listText(shut.map(({ name }) => `\`${name}\``)), view }];
  });
}

function hasFilter(topology: EffectiveTopology): topology is TwoArmed {
  return topology.mode === 'two-armed' && topology.routing && topology.filter.length > 0;
}

function fits(network: string | null, address: string): boolean {
  const parsed = network === null ? null : parseNetwork(network);
  return parsed === null || (parsed.ok && isWithin(address, parsed.cidr));
}

function inside(network: string, servers: Cidr | null): boolean {
  const parsed = parseNetwork(network);
  return (
    servers !== null &&
    parsed.ok &&
    parsed.cidr.prefix >= servers.prefix &&
    isWithin(parsed.cidr.address, servers)
  );
}

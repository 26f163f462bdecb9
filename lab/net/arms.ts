/**
 * How the balancer stands in the network. IPv6 has the same last parts: 2001:db8::10, ::5, ::40, ::41 …
 *
 *     one-armed            client 10.0.0.10 ──┐
 *                        balancer 10.0.0.5  ──┼── br0 ──┬── fe01 10.0.0.41
 *                             VIP 10.0.0.40   │         ├── fe02 10.0.0.42
 *                                                       └── fe03 10.0.0.43
 *
 *     two-armed    client 10.0.0.10 ── br0 ── eth0 10.0.0.5 balancer 192.168.0.5 eth1 ── br1 ── fe01 192.168.0.41 …
 *                  servers have their default route by the balancer, the client one to their network (2001:db8:1::/64)
 *
 *     transparent  client 10.0.0.10 ── br0 ── eth0 balancer eth1 ── br1 ── fe01 10.0.0.41 …
 *                  all in one network, which is in two pieces until the balancer bridges them
 */
import type { Host } from './host.ts';

export type Arms = 'one-armed' | 'two-armed' | 'transparent';

interface Machines {
  readonly client: Host;
  readonly balancer: Host;
  readonly servers: readonly Host[];
}

export interface Layout {
  readonly arms: Arms;
  /** Addresses of the servers' network begin so. */
  readonly serverSide: { readonly prefix: string; readonly prefix6: string };
  /** Lines of `ip` that make the veth pairs, up to the namespace of their far ends. */
  wires(machines: Machines): string[];
  /** Lines of `ip` in a machine: its interfaces, addresses and routes. */
  inside(host: Host, machines: Machines): string[];
  /** Lines of `ip` where the bridges stand. */
  bridging(machines: Machines): string[];
}

/** The network of the servers behind two arms, and the balancer's addresses in it. */
export const SERVERS_NETWORK = '192.168.0.0/24';
export const SERVERS_NETWORK6 = '2001:db8:1::/64';
export const INNER = '192.168.0.5';
export const INNER6 = '2001:db8:1::5';

const ONE = { prefix: '10.0.0.', prefix6: '2001:db8::' };
const TWO = { prefix: '192.168.0.', prefix6: '2001:db8:1::' };

/** The far end of the balancer's second interface. */
const SECOND = 'balancer1';

export function layoutOf(arms: Arms): Layout {
  if (arms === 'one-armed') return layout(arms, ONE, false, (host) => own(host));
  if (arms === 'two-armed') return layout(arms, TWO, true, behindTwoArms);
  return layout(arms, ONE, true, (host) =>
    host.role === 'balancer' ? ['link set eth0 up', 'link set eth1 up'] : own(host),
  );
}

function layout(
  arms: Arms,
  serverSide: Layout['serverSide'],
  divided: boolean,
  addresses: (host: Host) => string[],
): Layout {
  return {
    arms,
    serverSide,
    wires({ client, balancer, servers }) {
      const wires = [client, balancer, ...servers].map((host) => wire(host, 'eth0', host.role));
      return divided ? [...wires, wire(balancer, 'eth1', SECOND)] : wires;
    },
    inside: (host) => ['link set lo up', ...addresses(host)],
    bridging({ client, balancer, servers }) {
      const far = servers.map(({ role }) => role);
      const near = [client.role, balancer.role];
      if (!divided) return bridge('br0', [...near, ...far]);
      return [...bridge('br0', near), ...bridge('br1', [SECOND, ...far])];
    },
  };
}

function wire(host: Host, name: string, farName: string): string {
  return `link add ${name} netns ${host.namespace} type veth peer name ${farName}`;
}

function own(host: Host): string[] {
  return ['link set eth0 up', `addr add ${host.ipv4}/24 dev eth0`, `addr add ${host.ipv6}/64 dev eth0 nodad`];
}

function behindTwoArms(host: Host): string[] {
  if (host.role === 'client') {
    return [
      ...own(host),
      `route add ${SERVERS_NETWORK} via 10.0.0.5`,
      `route add ${SERVERS_NETWORK6} via 2001:db8::5`,
    ];
  }
  if (host.role !== 'balancer')
    return [...own(host), `route add default via ${INNER}`, `route add default via ${INNER6}`];
  const inner = [`addr add ${INNER}/24 dev eth1`, `addr add ${INNER6}/64 dev eth1 nodad`];
  return [...own(host), 'link set eth1 up', ...inner];
}

// Snooping would drop neighbour solicitations until the bridge has learned who listens.
function bridge(name: string, ports: readonly string[]): string[] {
  const made = [`link add ${name} type bridge mcast_snooping 0`, `link set ${name} up`];
  return [...made, ...ports.map((port) => `link set ${port} master ${name} up`)];
}

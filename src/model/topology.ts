/** Where the balancer stands in the network. */
import type { z } from 'zod';
import { optional } from './field.ts';
import { SCHEMA_DEFAULTS } from './schema-defaults.ts';
import {
  address,
  choice,
  interfaceAddress,
  list,
  network,
  portRange,
  section,
  text,
  yesNo,
} from './types.ts';

const interfaceName = () => text('the name of a network interface', 15);

const filterRule = section({
  from: optional(network(), {
    title: 'From',
    description: 'Source network, such as 10.0.0.0/24, or an address; absent: any.',
  }),
  to: optional(network(), {
    title: 'To',
    description: 'Destination network or address; absent: any.',
  }),
  protocol: optional(choice(['tcp', 'udp', 'icmp']), { title: 'Protocol', description: 'Absent: any.' }),
  ports: optional(portRange(), {
    title: 'Ports',
    description:
      'Destination ports, such as "135" or "49152-65535"; absent: any. Without a protocol, of TCP and UDP.',
  }),
});

export const topology = section({
  mode: optional(choice(['one-armed', 'two-armed', 'transparent']), {
    title: 'Mode',
    description:
      '`one-armed`: clients, balancer and servers share a network. `two-armed`: the balancer stands between the ' +
      "clients' network and the servers'. `transparent`: it bridges the two, and everything that is not for a VIP passes " +
      'as through a cable; needs the kernel data plane.',
    default: SCHEMA_DEFAULTS.topologyMode,
    applies: 'restart',
  }),
  interface: optional(interfaceName(), {
    title: 'Interface',
    description:
      'One-armed: VIPs and SNAT addresses are checked for a duplicate, added to this interface, announced, and removed at the end. ' +
      'Absent: they must be on this machine already. Needs root, or CAP_NET_ADMIN and CAP_NET_RAW.',
    applies: 'restart',
  }),
  clientInterface: optional(interfaceName(), {
    title: 'Interface of the clients',
    description: "Two-armed, required there: the interface on the clients' side. It gets the VIPs.",
    applies: 'restart',
  }),
  serverInterface: optional(interfaceName(), {
    title: 'Interface of the servers',
    description:
      "Two-armed, required there: the interface on the servers' side. It gets `serverAddress` and the SNAT addresses.",
    applies: 'restart',
  }),
  bridgePorts: optional(list(interfaceName(), 'interfaces', 2, 2), {
    title: 'Bridge ports',
    description:
      'Transparent, required there: the two interfaces that are bridged. They must have no addresses; the bridge, ' +
      '`poolgate0`, is made at the start and gone at the end.',
    applies: 'restart',
  }),
  serverAddress: optional(interfaceAddress(), {
    title: 'Address of the balancer for the servers',
    description:
      "Two-armed and transparent: the balancer's own address on the servers' side, such as 192.168.0.40/24, added at the start " +
      'and removed at the end. Connections to servers come from it where there is no `snatPool`. Required in transparent.',
    applies: 'restart',
  }),
  gateway: optional(address(), {
    title: 'Gateway',
    description:
      "Transparent: the router of that network, by which clients of other networks are answered. It becomes this machine's default route by the bridge.",
    applies: 'restart',
  }),
  routing: optional(yesNo(), {
    title: 'Routing',
    description:
      'Two-armed: whether the balancer forwards between the two networks, also without any virtual service; needs the ' +
      'kernel data plane. `false`: only connections through a VIP pass.',
    default: SCHEMA_DEFAULTS.routing,
    applies: 'restart',
  }),
  filter: optional(list(filterRule, 'rules', 0, 256), {
    title: 'Filter',
    description:
      'Two-armed with `routing: true`: the forwarded traffic that is allowed, and replies to it; empty: all. ' +
      'Connections through a VIP always pass.',
    default: [],
    applies: 'restart',
  }),
  keepAtStop: optional(yesNo(), {
    title: 'Keep at stop',
    description:
      'Whether the addresses that were added, and the bridge, stay when Poolgate stops. The next start takes them over.',
    default: SCHEMA_DEFAULTS.keepAtStop,
    applies: 'restart',
  }),
});

export type Topology = z.infer<typeof topology>;

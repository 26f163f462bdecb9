/** Where the balancer stands in the network. */
import type { z } from 'zod';
import { optional } from './field.ts';
import { choice, list, portRange, section, text, yesNo } from './types.ts';

const interfaceName = () => text('the name of a network interface', 15);

const filterRule = section({
  from: optional(text('an address with its prefix length', 64), {
    title: 'From',
    description: 'Source network, such as 10.0.0.0/24; absent: any.',
  }),
  to: optional(text('an address with its prefix length', 64), {
    title: 'To',
    description: 'Destination network; absent: any.',
  }),
  protocol: optional(choice(['tcp', 'udp', 'icmp']), { title: 'Protocol', description: 'Absent: any.' }),
  ports: optional(portRange(), { title: 'Ports', description: 'Destination ports; absent: any.' }),
});

export const topology = section({
  mode: optional(choice(['one-armed', 'two-armed', 'transparent']), {
    title: 'Mode',
    description:
      '`one-armed`: clients, balancer and servers share a network. `two-armed`: the balancer stands between the ' +
      "clients' network and the servers'. `transparent`: it bridges the two.",
    default: 'one-armed',
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
    description: "Two-armed: the interface on the clients' side.",
    applies: 'restart',
  }),
  serverInterface: optional(interfaceName(), {
    title: 'Interface of the servers',
    description: "Two-armed: the interface on the servers' side.",
    applies: 'restart',
  }),
  bridgePorts: optional(list(interfaceName(), 'interfaces', 2, 2), {
    title: 'Bridge ports',
    description: 'Transparent: the two interfaces that are bridged.',
    applies: 'restart',
  }),
  serverAddress: optional(text('an address with its prefix length', 64), {
    title: 'Address of the balancer for the servers',
    description: "Two-armed: the balancer's address on the servers' side, such as 192.168.0.40/24.",
    applies: 'restart',
  }),
  routing: optional(yesNo(), {
    title: 'Routing',
    description: 'Two-armed: whether the balancer forwards between the two networks.',
    default: false,
    applies: 'restart',
  }),
  filter: optional(list(filterRule, 'rules', 0, 256), {
    title: 'Filter',
    description: 'Two-armed: the forwarded traffic that is allowed; empty: all.',
    default: [],
    applies: 'restart',
  }),
});

export type Topology = z.infer<typeof topology>;

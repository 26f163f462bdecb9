/** R16 to R28: who sees which address, and where the balancer stands. */
import { all } from '../lint/all.ts';
import { edgeAlone } from '../lint/edge.ts';
import { told } from '../lint/facts.ts';
import { publicAddresses } from '../lint/public.ts';
import { sourcePorts } from '../lint/source-ports.ts';
import { severalServers } from '../lint/spread.ts';
import { arms, reachable, routing } from '../lint/topology.ts';
import type { Rule } from '../rule.ts';
import {
  GUIDE,
  LYNC_BALANCER,
  LYNC_EDGE,
  MEASURED,
  PORTS,
  REQUIREMENTS,
  SFB_BALANCER,
  WALKTHROUGH,
} from '../sources.ts';
import { ALL, OCS } from './products.ts';
import { FULL_NAT, LEAST, TWO_ARMED } from './samples.ts';

export const NAT_RULES: readonly Rule[] = [
  {
    id: 'R16',
    title: 'The balancer can translate addresses',
    why: 'Servers accept what is addressed to them, and not to the VIP.',
    sources: [REQUIREMENTS],
    products: ALL,
    severity: 'info',
    how: ['built-in'],
    checked: 'Poolgate has `nat: full`, `half` and `none`.',
    hint: 'Choose with `nat`, or leave it to the profile.',
    sample: null,
  },
  {
    id: 'R17',
    title: 'Enterprise pools and Communicator Web Access have full-NAT, and nothing else',
    why: 'Their servers answer to whom they see as the source; it has to be the balancer.',
    sources: [REQUIREMENTS, WALKTHROUGH],
    products: OCS,
    severity: 'error',
    how: ['lint', 'probe'],
    checked:
      '`nat` in effect, where the profile refuses another mode by this rule. On a server: the peer is the balancer, the local address its own.',
    hint: 'Write `nat: full`, or leave it out.',
    sample: FULL_NAT,
    lint: told('R17'),
  },
  {
    id: 'R18',
    title: 'Internal pools do not have half-NAT',
    why: "A server's connection to its own VIP would be answered past the balancer. Clients elsewhere work, servers among themselves do not, and so it passes a first test.",
    sources: [REQUIREMENTS, MEASURED],
    products: ALL,
    severity: 'error',
    how: ['lint', 'probe'],
    checked: '`nat: half` where the profile refuses it. On the network: every server connects to VIP:5061.',
    hint: 'Write `nat: full`: servers see the balancer as the source.',
    sample: FULL_NAT,
    lint: told('R18'),
  },
  {
    id: 'R19',
    title: 'Answers go by the balancer: no direct server return',
    why: 'The maker does not support it. The guide that calls it working says so of its own appliance alone.',
    sources: [REQUIREMENTS, WALKTHROUGH, LYNC_BALANCER, SFB_BALANCER],
    products: ALL,
    severity: 'error',
    how: ['lint', 'probe'],
    checked:
      '`nat: none` where the profile refuses it. On the network: answers come from the MAC of the balancer.',
    hint: 'Write `nat: full`, or leave it out.',
    sample: FULL_NAT,
    lint: told('R19'),
  },
  {
    id: 'R20',
    title: 'Both addresses of a connection are rewritten, source and destination',
    why: 'Documents call the same thing by different names (SNAT, DNAT, NAT); what counts is what a capture on a server shows.',
    sources: [WALKTHROUGH],
    products: OCS,
    severity: 'error',
    how: ['built-in', 'probe'],
    checked:
      'That is what `nat: full` means here. On a server: a capture shows neither the client nor the VIP.',
    hint: 'Write `nat: full`, or leave it out.',
    sample: FULL_NAT,
  },
  {
    id: 'R21',
    title: 'There are source ports for the connections that are allowed',
    why: 'A connection to one port of one server takes one port of one source address. Linux gives an address 28,232 of them by default, not 65,000; when they are used up connects fail while everything looks healthy.',
    sources: [WALKTHROUGH, GUIDE, MEASURED],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      'The share of `maxConnections` that the weights give each server, and what is left to each when one of them is down, against SNAT addresses × source ports. The ports are `snatPorts`, else ip_local_port_range of the machine on which `check` runs.',
    hint: 'Add addresses to `snatPool`, write `snatPorts: 1024-65535`, or lower `maxConnections`.',
    sample: `virtualServices:
  - name: ocs
    vip: 10.0.0.40
    pool: ocspool
    maxConnections: 100000
    snatPool: [10.0.0.44-10.0.0.45]
    snatPorts: 1024-65535
`,
    lint: sourcePorts,
  },
  {
    id: 'R22',
    title: 'The balancer has one arm or two',
    why: 'One arm: clients, VIP and servers share a network. Two: the balancer stands between two networks. What is neither, such as a VIP in the network of the servers behind it, works from some places and not from others.',
    sources: [WALKTHROUGH, GUIDE],
    products: ALL,
    severity: 'warning',
    how: ['lint'],
    checked:
      'Two arms: no VIP lies in the network of `topology.serverAddress`. One arm: VIP and servers are not in different private networks (as information, because a router may join them). A bridge (`transparent`) counts as two arms, as its vendor says.',
    hint: 'Write the `topology` that you have, with addresses of its networks.',
    sample: TWO_ARMED,
    lint: arms,
  },
  {
    id: 'R23',
    title: 'With two arms the balancer routes between them',
    why: 'Clients send media to the servers themselves, and servers ask the directory: both pass the balancer without a VIP.',
    sources: [WALKTHROUGH],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      '`topology.routing` is on where `mode: two-armed` has a pool whose profile names ports that are reached directly. On the network: routes both ways.',
    hint: 'Write `routing: true` below `topology`, with a `filter` of what may pass.',
    sample: TWO_ARMED,
    lint: routing,
  },
  {
    id: 'R24',
    title: 'With two arms there is no VIP before the servers work by themselves',
    why: 'Who tests servers and balancer at once does not know which of the two has failed.',
    sources: [WALKTHROUGH],
    products: OCS,
    severity: 'info',
    how: ['manual'],
    checked: 'Routing runs without a virtual service; each server is tried alone; then the VIP comes.',
    hint: 'Begin with a config that routes and has no virtual services, as examples/router.yaml.',
    sample: `dataPlane: kernel
topology: { mode: two-armed, clientInterface: eth0, serverInterface: eth1, serverAddress: 192.168.0.40/24, routing: true }
pools: []
virtualServices: []
`,
  },
  {
    id: 'R25',
    title: 'Clients and other servers reach the servers directly, for what is not balanced',
    why: 'Audio, video and meetings go to the server that holds the conference, at its own address. With the VIP alone people sign in and hear nothing.',
    sources: [WALKTHROUGH, PORTS],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      'Where `topology.filter` is set, something may pass to each server whose profile names ports that are reached directly. On the network: a connect to such a port of each server.',
    hint: 'Add `{ to: SERVERS, protocol: udp, ports: "49152-65535" }` and the ports that the profile names.',
    sample: TWO_ARMED,
    lint: all(told('R25'), reachable),
  },
  {
    id: 'R26',
    title: 'A VIP of Edge Servers has traffic for the Edge alone, by full or half NAT',
    why: 'What else comes by such a VIP reaches the inside from the outside, or is answered with the wrong address.',
    sources: [REQUIREMENTS],
    products: ALL,
    severity: 'warning',
    how: ['lint'],
    checked: 'No VIP that leads to a pool of an Edge profile also leads to a pool of another kind.',
    hint: 'Give the other virtual service a VIP of its own.',
    sample: `pools:
  - name: access
    profile: ocs-2007-r2/edge-external-access
    realServers: [{ name: edge01, address: 203.0.113.41 }, { name: edge02, address: 203.0.113.42 }]
virtualServices:
  - { name: access, vip: 203.0.113.40, pool: access }
`,
    lint: edgeAlone,
  },
  {
    id: 'R27',
    title: 'External addresses of A/V Edge Servers are public, and nobody translates them',
    why: 'The server tells the other side its own address in the media negotiation; one that only the inside knows gives calls without sound. Addresses of documentation (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32) pass, because examples use them in place of public ones.',
    sources: [REQUIREMENTS, LYNC_EDGE],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      'Servers and VIPs of a profile that wants public addresses are not private (RFC 1918), shared (RFC 6598), unique local (RFC 4193), loopback, link-local or for benchmarks (RFC 2544). From outside: a STUN answer with the address that was asked.',
    hint: 'Write the public address that the server itself has.',
    sample: `pools:
  - name: av
    profile: ocs-2007-r2/edge-external-av
    realServers: [{ name: edge01, address: 203.0.113.61 }, { name: edge02, address: 203.0.113.62 }]
virtualServices:
  - { name: av, vip: 203.0.113.60, pool: av }
`,
    lint: all(publicAddresses, told('R27')),
  },
  {
    id: 'R28',
    title: 'A pool that is balanced has more than one server',
    why: 'Enterprise pools of several servers and arrays of Edge Servers need a balancer; a single server needs none, and with one behind it a VIP is one more thing that can fail.',
    sources: [REQUIREMENTS, GUIDE],
    products: ALL,
    severity: 'info',
    how: ['lint'],
    checked: 'A pool with the profile of a product has two real servers or more.',
    hint: 'Add the other servers, or point the name at the server itself until there are some.',
    sample: LEAST,
    lint: severalServers,
  },
];

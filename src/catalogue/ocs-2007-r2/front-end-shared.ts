/**
 * The thirteen ports of the pool's VIP. No document has them all: Microsoft's requirements leave 80 out, the weblog's
 * list 8404, OCSpedia's rows for the load balancer both.
 */
import type { Line } from '../define.ts';
import type { Citation } from '../row.ts';
import { listed, radware, vendors } from './listed.ts';

interface SharedPort extends Omit<Line, 'sources'> {
  /** Who says that the server has it. */
  readonly server: readonly Citation[];
  /** Who says that the VIP has it. */
  readonly balancer: readonly Citation[];
}

const SIP_ROW = '5060/5061 TCP, MTLS, all SIP inside, between servers and with Communicator';

export const SHARED_PORTS: readonly SharedPort[] = [
  {
    ports: '5060',
    direction: 'both',
    protocol: 'SIP',
    peers: ['clients', 'servers'],
    purpose: 'SIP without TLS, of clients and between servers; may be switched off where nothing uses it',
    server: [listed('ocspedia', `Front End Servers, ${SIP_ROW}`)],
    balancer: [
      listed('requirements', '5060, SIP over TCP'),
      listed('ocspedia', `Load Balancer for Front End Servers, ${SIP_ROW}`),
      listed('weblog', '5060, SIP of clients over TCP, typically not required'),
      ...vendors(5060, 'SIP over TCP'),
      radware(5060),
    ],
    corrections: [
      {
        document: 'weblog',
        wrote: 'calls it typically not required',
        why: "Microsoft's requirements list it: on the VIP unless switched off",
      },
    ],
  },
  {
    ports: '5061',
    direction: 'both',
    protocol: 'SIP/TLS',
    peers: ['clients', 'servers'],
    purpose: 'SIP over TLS of clients, and over mutual TLS between servers',
    server: [listed('ocspedia', `Front End Servers, ${SIP_ROW}`)],
    balancer: [
      listed('requirements', '5061, SIP over TLS'),
      listed('ocspedia', `Load Balancer for Front End Servers, ${SIP_ROW}`),
      listed('weblog', '5061, SIP of clients over TLS'),
      ...vendors(5061, 'SIP over TLS'),
      radware(5061),
    ],
  },
  {
    ports: '135',
    protocol: 'DCOM/RPC',
    purpose: 'Moving users and other administration of the pool by WMI over DCOM',
    peers: ['administrators', 'servers'],
    server: [listed('ocspedia', 'Front End Servers, 135 DCOM and RPC, WMI and moving users')],
    balancer: [
      listed('requirements', '135, moving users and other remote DCOM'),
      listed('ocspedia', 'Load Balancer for Front End Servers, 135 DCOM and RPC, WMI and moving users'),
      listed('weblog', '135, moving users and other WMI over DCOM'),
      ...vendors(135, 'moving users and other remote DCOM'),
      radware(135),
    ],
  },
  {
    ports: '443',
    protocol: 'HTTPS',
    peers: ['clients', 'servers', 'reverse-proxy'],
    purpose: "Web components: the pool's addresses for meetings, address book and group expansion",
    server: [listed('ocspedia', "Front End Servers, 443 HTTPS, to the web farm's names")],
    balancer: [
      listed('requirements', "443, HTTPS to the pool's URLs"),
      listed('ocspedia', "Load Balancer for Front End Servers, 443 HTTPS, to the web farm's names"),
      listed('weblog', "443, HTTPS to the pool's URLs"),
      ...vendors(443, "HTTPS to the pool's URLs"),
      radware(443),
    ],
  },
  {
    ports: '444',
    protocol: 'HTTPS',
    purpose: 'The state of conferences, between the focus and the conferencing servers',
    server: [listed('ocspedia', 'Front End Servers, 444 HTTPS, focus and conferencing servers')],
    balancer: [
      listed('requirements', '444, focus and conferencing servers'),
      listed('ocspedia', 'Load Balancer for Front End Servers, 444 HTTPS, focus and conferencing servers'),
      listed('weblog', '444, what manages conferences and the conferencing servers'),
      ...vendors(444, 'focus and conferencing servers'),
      radware(444),
    ],
  },
  {
    ports: '5065',
    protocol: 'SIP',
    purpose: 'Application sharing',
    server: [listed('ocspedia', 'Front End Servers, 5065 TCP, incoming SIP of application sharing')],
    balancer: [
      listed('requirements', '5065, SIP of application sharing'),
      listed('ocspedia', 'Load Balancer for Front End Servers, 5065 TCP, SIP of application sharing'),
      listed('weblog', '5065, incoming SIP of application sharing over TCP'),
      ...vendors(5065, 'SIP of application sharing'),
      radware(5065),
    ],
  },
  {
    ports: '5069',
    protocol: 'SIP',
    purpose: 'Quality data (QoE) to the Monitoring Server; only for a pool that has one',
    server: [listed('weblog', '5069, QoE agent on Front End Servers, only with a Monitoring Server')],
    balancer: [
      listed('requirements', '5069, Monitoring Server'),
      listed('ocspedia', 'Load Balancer for Front End Servers, 5069 TCP, Monitoring Server'),
      listed('weblog', '5069, QoE agent on Front End Servers, only with a Monitoring Server'),
      ...vendors(5069, 'Monitoring Server'),
    ],
    corrections: [
      {
        document: 'requirements',
        wrote: 'lists it for every pool',
        why: 'it is needed only where the pool sends quality data to a Monitoring Server',
      },
    ],
  },
  {
    ports: '5071',
    protocol: 'SIP',
    purpose: 'Response Group',
    server: [listed('ocspedia', 'Front End Servers, 5071 TCP, incoming SIP of Response Group')],
    balancer: [
      listed('requirements', '5071, SIP of Response Group'),
      listed('ocspedia', 'Load Balancer for Front End Servers, 5071 TCP, SIP of Response Group'),
      listed('weblog', '5071, SIP to Response Group'),
      ...vendors(5071, 'SIP of Response Group'),
    ],
  },
  {
    ports: '5072',
    protocol: 'SIP',
    purpose: 'Conferencing Attendant: dialling in to conferences',
    server: [listed('ocspedia', 'Front End Servers, 5072 TCP, incoming SIP of Conferencing Auto Attendant')],
    balancer: [
      listed('requirements', '5072, SIP of Conferencing Attendant'),
      listed('ocspedia', 'Load Balancer for Front End Servers, 5072 TCP, SIP of Conferencing Auto Attendant'),
      listed('weblog', '5072, SIP to Conferencing Attendant'),
      ...vendors(5072, 'SIP of Conferencing Attendant'),
    ],
  },
  {
    ports: '5073',
    protocol: 'SIP',
    purpose: 'Conferencing Announcement: tones and announcements in conferences',
    server: [listed('ocspedia', 'Front End Servers, 5073 TCP, incoming SIP of Conferencing Announcement')],
    balancer: [
      listed('requirements', '5073, SIP of Conferencing Announcement'),
      listed('ocspedia', 'Load Balancer for Front End Servers, 5073 TCP, SIP of Conferencing Announcement'),
      listed('weblog', '5073, SIP to Conferencing Attendant Announcement'),
      ...vendors(5073, 'SIP of Conferencing Announcement'),
    ],
    corrections: [sampleLosesIt()],
  },
  {
    ports: '5074',
    protocol: 'SIP',
    purpose: 'Outside Voice Control: calls of mobile phones',
    server: [listed('ocspedia', 'Front End Servers, 5074 TCP, incoming SIP of Outside Voice Control')],
    balancer: [
      listed('requirements', '5074, SIP of Outside Voice Control'),
      listed('ocspedia', 'Load Balancer for Front End Servers, 5074 TCP, SIP of Outside Voice Control'),
      listed('weblog', '5074, SIP for Outside Voice Control'),
      ...vendors(5074, 'SIP of Outside Voice Control'),
    ],
    corrections: [sampleLosesIt()],
  },
  {
    ports: '8404',
    protocol: 'Remoting/MTLS',
    purpose: 'Response Group between servers',
    server: [listed('ocspedia', 'Front End Servers, 8404 TLS, remoting over MTLS for Response Group')],
    balancer: [
      listed('requirements', '8404, remoting over MTLS between servers for Response Group'),
      ...vendors(8404, 'remoting over TLS between servers for Response Group'),
    ],
    corrections: [
      {
        document: 'weblog',
        wrote: 'leaves it out of a list that it calls definitive',
        why: "Response Group needs it, and Microsoft's requirements have it",
      },
      {
        document: 'ocspedia',
        wrote: 'has it for the servers and not for the load balancer',
        why: "Microsoft's requirements have it on the VIP",
      },
    ],
  },
  {
    ports: '80',
    protocol: 'HTTP',
    peers: ['clients', 'servers'],
    purpose: 'Updates of desk phones (Tanjay), and web components where HTTPS is not used',
    server: [listed('ocspedia', "Front End Servers, 80 TCP, to the web farm's names when HTTPS is not used")],
    balancer: [listed('weblog', '80, updates of Tanjay phones, undocumented but required')],
    corrections: [
      {
        document: 'requirements',
        wrote: 'leaves it out',
        why: 'desk phones fetch their updates by it, as a comment on the weblog reports',
      },
    ],
  },
];

function sampleLosesIt() {
  return {
    document: 'loadbalancerOrg',
    wrote: 'has it in its table and writes `bnd` for `bind` in the sample configuration',
    why: 'HAProxy refuses that line, and without the line the port is missing',
  } as const;
}

/** What goes to the servers themselves, past any load balancer, and the other servers. */
import type { CatalogueRow } from '../row.ts';
import { familyRows, PORT_TABLES } from './family.ts';

const DIRECT = { direction: 'inbound', peers: ['servers'], loadBalanced: false } as const;

export const FRONT_END_ROWS: readonly CatalogueRow[] = familyRows(
  { ...DIRECT, role: 'front-end' },
  PORT_TABLES,
  [
    {
      ports: '5060',
      protocol: 'SIP',
      purpose: 'Static routes to trusted services without TLS; clients no longer use it',
      says: 'Front End Servers, 5060 TCP, optional, static routes to trusted services',
    },
    {
      ports: '5062',
      protocol: 'SIP',
      purpose: 'Conferences of instant messages',
      says: 'Front End Servers, 5062 TCP, IM conferencing',
    },
    {
      ports: '5063',
      protocol: 'SIP',
      purpose: 'Audio and video conferences',
      says: 'Front End Servers, 5063 TCP, A/V conferencing',
    },
    {
      ports: '5064',
      protocol: 'SIP',
      purpose: 'Dial-in conferences',
      says: 'Front End Servers, 5064 TCP, dial-in conferencing',
    },
    {
      ports: '5065',
      protocol: 'SIP',
      purpose: 'Application sharing',
      says: 'Front End Servers, 5065 TCP, application sharing',
    },
    {
      ports: '8404',
      protocol: 'SIP/MTLS',
      purpose: 'Response Group between servers',
      says: 'Front End Servers, 8404 TCP (MTLS), Response Group',
    },
    {
      ports: '8057',
      peers: ['clients'],
      protocol: 'PSOM/TLS',
      purpose: 'Web conferences, straight to the server that has the conference',
      says: 'Front End Servers, 8057 TCP (TLS), PSOM of clients',
    },
    {
      ports: '8058',
      peers: ['clients'],
      protocol: 'PSOM/TLS',
      purpose: 'Web conferences of Live Meeting and older servers',
      says: 'Front End Servers, 8058 TCP (TLS), PSOM of Live Meeting',
    },
    {
      ports: '445',
      direction: 'outbound',
      protocol: 'SMB',
      purpose: 'Configuration pushed from the Central Management store to all servers',
      says: 'Front End Servers with the Central Management store, 445 TCP, replication',
    },
    {
      ports: '49152-57500',
      transport: 'tcp and udp',
      direction: 'both',
      peers: ['clients', 'servers'],
      protocol: 'RTP',
      purpose: 'Audio, between clients and the server that has the conference',
      says: 'All internal servers, 49152-57500 TCP/UDP, audio conferencing',
    },
    {
      ports: '57501-65535',
      transport: 'tcp and udp',
      direction: 'both',
      peers: ['clients', 'servers'],
      protocol: 'RTP',
      purpose: 'Video, between clients and the server that has the conference',
      says: 'Front End Servers, 57501-65535 TCP/UDP, video conferencing',
    },
    {
      ports: '49152-65535',
      direction: 'both',
      peers: ['clients', 'servers'],
      protocol: 'RTP',
      purpose: 'Application sharing, between clients and the server that has the conference',
      says: 'Front End Servers, 49152-65535 TCP, application sharing',
    },
  ],
);

export const MEDIATION_ROWS: readonly CatalogueRow[] = [
  ...familyRows({ ...DIRECT, role: 'mediation', loadBalanced: true }, PORT_TABLES, [
    mediation('Mediation Servers'),
  ]),
  ...familyRows({ ...DIRECT, role: 'load-balancer-mediation', loadBalanced: true }, PORT_TABLES, [
    mediation('only hardware load balancing, Mediation Server load balancer'),
  ]),
  ...familyRows({ ...DIRECT, role: 'mediation', peers: ['gateways'] }, PORT_TABLES, [
    {
      ports: '5067',
      protocol: 'SIP/TLS',
      purpose: 'Calls from telephone gateways, over TLS',
      says: 'Mediation Servers, 5067 TCP (TLS), from the PSTN gateway',
    },
    {
      ports: '5068',
      protocol: 'SIP',
      purpose: 'Calls from telephone gateways, without TLS',
      says: 'Mediation Servers, 5068 TCP, from the PSTN gateway',
    },
    {
      ports: '49152-57500',
      transport: 'tcp and udp',
      direction: 'both',
      peers: ['clients', 'servers', 'gateways'],
      protocol: 'RTP',
      purpose: 'Voice between clients and telephone gateways',
      says: 'All internal servers, 49152-57500 TCP/UDP, audio',
    },
  ]),
];

export const OTHER_SERVER_ROWS: readonly CatalogueRow[] = [
  ...familyRows({ ...DIRECT, role: 'office-web-apps', loadBalanced: true }, PORT_TABLES, [
    {
      ports: '443',
      peers: ['clients', 'servers', 'reverse-proxy'],
      protocol: 'HTTPS',
      purpose: 'Presentations in web conferences, rendered by Office Web Apps Server',
      says: 'Office Web Apps Servers, 443',
    },
  ]),
  ...familyRows(
    { ...DIRECT, role: 'reverse-proxy', peers: ['outside'] },
    { lync: 'lync2013ReverseProxy', sfb: 'lync2013ReverseProxy' },
    [
      {
        ports: '443',
        protocol: 'HTTPS',
        purpose: 'Web services for users outside; goes on to 4443 of the pool',
        says: 'external, 443',
      },
      {
        ports: '80',
        protocol: 'HTTP',
        purpose: 'Web services for users and devices outside; optional; goes on to 8080 of the pool',
        says: 'external, 80, optional',
      },
      {
        ports: '4443',
        direction: 'outbound',
        peers: ['servers'],
        protocol: 'HTTPS',
        purpose: 'Web services of the pool, as those outside see them',
        says: "internal, 4443 of the pool's VIP",
      },
      {
        ports: '8080',
        direction: 'outbound',
        peers: ['servers'],
        protocol: 'HTTP',
        purpose: 'The same without TLS; optional',
        says: "internal, 8080 of the pool's VIP, optional",
      },
    ],
  ),
];

function mediation(where: string) {
  return {
    ports: '5070',
    protocol: 'SIP',
    purpose: 'Calls from Front End Servers',
    says: `${where}, 5070 TCP`,
  };
}

/** Edge Servers behind hardware load balancers: one VIP for each external service, and what goes to each server itself. */
import type { CatalogueRow } from '../row.ts';
import { EDGE_TABLES, type FamilyLine, familyRows } from './family.ts';

const VIP = { direction: 'inbound', loadBalanced: true } as const;

const INSIDE: readonly FamilyLine[] = [
  {
    ports: '5061',
    direction: 'both',
    protocol: 'SIP/MTLS',
    purpose: 'SIP of remote users and partners, from and to Director or pool',
    says: 'internal VIP, 5061 TCP, SIP/MTLS, both ways',
  },
  {
    ports: '5062',
    protocol: 'SIP/MTLS',
    purpose: 'Authentication of audio and video users',
    says: 'internal VIP, 5062 TCP, SIP/MTLS, authentication of A/V users',
  },
  {
    ports: '3478',
    transport: 'udp',
    peers: ['clients', 'servers'],
    protocol: 'STUN/UDP',
    purpose: 'Audio and video between inside and outside, the way that is preferred',
    says: 'internal VIP, 3478 UDP, STUN',
  },
  {
    ports: '443',
    peers: ['clients', 'servers'],
    protocol: 'STUN/TCP',
    purpose: 'Audio and video between inside and outside, where UDP does not pass',
    says: 'internal VIP, 443 TCP, STUN',
  },
];

const ACCESS: readonly FamilyLine[] = [
  {
    ports: '443',
    protocol: 'SIP/TLS',
    purpose: 'SIP of remote users',
    says: 'external VIPs, Access 443 TCP, SIP/TLS',
  },
  {
    ports: '5061',
    direction: 'both',
    protocol: 'SIP/MTLS',
    purpose: 'SIP of federated partners and public providers',
    says: 'external VIPs, Access 5061 TCP, SIP/MTLS',
  },
  {
    ports: '5269',
    direction: 'both',
    only: 'with-xmpp',
    protocol: 'XMPP',
    purpose: 'Partners that speak XMPP, at the address of the Access Edge',
    says: 'external VIPs, XMPP 5269 TCP, not in 2019',
  },
];

const WEB_CONFERENCING: readonly FamilyLine[] = [
  {
    ports: '443',
    protocol: 'PSOM/TLS',
    purpose: 'Web conferences of remote users',
    says: 'external VIPs, Web Conferencing 443 TCP, PSOM/TLS',
  },
];

const AV: readonly FamilyLine[] = [
  {
    ports: '443',
    direction: 'both',
    protocol: 'STUN/TCP',
    purpose: 'Audio and video of remote users, where UDP does not pass',
    says: 'external VIPs, A/V 443 TCP, STUN',
  },
  {
    ports: '3478',
    direction: 'both',
    transport: 'udp',
    protocol: 'STUN/UDP',
    purpose: 'Audio and video of remote users',
    says: 'external VIPs, A/V 3478 UDP, STUN',
  },
];

export const EDGE_ROWS: readonly CatalogueRow[] = [
  ...familyRows({ ...VIP, role: 'edge-internal', peers: ['servers'] }, EDGE_TABLES, INSIDE),
  ...familyRows(
    { direction: 'inbound', loadBalanced: false, role: 'edge-internal', peers: ['servers'] },
    EDGE_TABLES,
    [
      {
        ports: '8057',
        protocol: 'PSOM/MTLS',
        purpose: 'Web conferences: each Front End Server connects to each Edge Server itself',
        says: 'internal, 8057 TCP, PSOM/MTLS, to each server',
      },
      {
        ports: '4443',
        protocol: 'HTTPS',
        purpose: 'Replication of the Central Management store to each Edge Server',
        says: 'internal, 4443 TCP, replication, to each server',
      },
      {
        ports: '50001-50003',
        peers: ['servers', 'administrators'],
        protocol: 'MTLS',
        purpose: 'Centralised logging: commands and collected logs',
        says: 'internal, 50001 to 50003 TCP, Centralized Logging Service, to each server',
      },
      {
        ports: '23456',
        only: 'with-xmpp',
        protocol: 'XMPP/MTLS',
        purpose: 'XMPP of partners, from the gateway on Front End Servers',
        says: 'internal, 23456 TCP, XMPP, not in 2019',
      },
    ],
  ),
  ...familyRows({ ...VIP, role: 'edge-external', peers: ['outside'] }, EDGE_TABLES, [
    {
      ports: '443',
      direction: 'both',
      protocol: 'SIP/TLS, PSOM/TLS, STUN/TCP',
      purpose: 'Remote users: signing in, Web conferences, audio and video; one address for each',
      says: 'external VIPs, 443 TCP of each service',
    },
    ...ACCESS.filter(({ ports }) => ports !== '443'),
    ...AV.filter(({ ports }) => ports !== '443'),
  ]),
  ...familyRows(
    { direction: 'both', loadBalanced: false, role: 'edge-external', peers: ['outside'] },
    EDGE_TABLES,
    [
      {
        ports: '50000-59999',
        transport: 'tcp and udp',
        protocol: 'RTP',
        purpose: "Audio and video, from and to each server's own public address",
        says: 'external, A/V 50000-59999 TCP and UDP, of each server',
      },
    ],
  ),
];

export const EDGE_BALANCER_ROWS: readonly CatalogueRow[] = [
  ...familyRows({ ...VIP, role: 'load-balancer-edge-internal', peers: ['servers'] }, EDGE_TABLES, INSIDE),
  ...familyRows(
    { ...VIP, role: 'load-balancer-edge-external-access', peers: ['outside'] },
    EDGE_TABLES,
    ACCESS,
  ),
  ...familyRows(
    { ...VIP, role: 'load-balancer-edge-external-web-conferencing', peers: ['outside'] },
    EDGE_TABLES,
    WEB_CONFERENCING,
  ),
  ...familyRows({ ...VIP, role: 'load-balancer-edge-external-av', peers: ['outside'] }, EDGE_TABLES, AV),
];

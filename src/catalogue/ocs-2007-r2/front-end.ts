/** Front End Servers of an Enterprise pool: what goes through the VIP, and what goes to the servers themselves. */
import { rows } from '../define.ts';
import type { CatalogueRow } from '../row.ts';
import { SHARED_PORTS } from './front-end-shared.ts';
import { listed } from './listed.ts';

const BOTH = SHARED_PORTS.map(({ server, balancer, ...line }) => ({ line, server, balancer }));

const FRONT_END = {
  product: 'ocs-2007-r2',
  role: 'front-end',
  direction: 'inbound',
  peers: ['servers'],
} as const;

export const FRONT_END_ROWS: readonly CatalogueRow[] = [
  ...rows(
    { ...FRONT_END, loadBalanced: true },
    BOTH.map(({ line, server }) => ({ ...line, sources: server, corrections: [] })),
  ),
  ...rows({ ...FRONT_END, loadBalanced: false }, [
    {
      ports: '135',
      direction: 'outbound',
      peers: ['directory'],
      protocol: 'RPC',
      purpose: 'Active Directory: a server that cannot reach it cannot be installed or tested',
      sources: [listed('webmux', 'telnet from each Front End Server to the Active Directory server on 135')],
    },
    {
      ports: '5062',
      protocol: 'SIP',
      purpose: 'Conferences of instant messages',
      sources: [listed('ocspedia', 'Front End Servers, 5062 TCP, incoming SIP of IM conferencing')],
    },
    {
      ports: '5063',
      protocol: 'SIP',
      purpose: 'Audio and video conferences',
      sources: [listed('ocspedia', 'Front End Servers, 5063 TCP, incoming SIP of A/V conferencing')],
    },
    {
      ports: '5064',
      protocol: 'SIP',
      purpose: 'Telephony conferences',
      sources: [listed('ocspedia', 'Front End Servers, 5064 TCP, incoming SIP of telephony conferencing')],
    },
    {
      ports: '8057',
      peers: ['clients'],
      protocol: 'PSOM/TLS',
      purpose: 'Web conferences of Live Meeting clients, straight to the server that has the conference',
      sources: [listed('ocspedia', 'Front End Servers, 8057 TLS, PSOM straight from Live Meeting')],
    },
    {
      ports: '49152-65535',
      transport: 'udp',
      direction: 'both',
      peers: ['clients', 'servers'],
      protocol: 'RTP',
      purpose: 'Audio and video, between clients and the server that has the conference',
      sources: [listed('ocspedia', 'Front End Servers, 49152-65335 UDP, media')],
      corrections: [
        {
          document: 'ocspedia',
          wrote: 'writes 49152-65335',
          why: 'a misprint of 49152-65535, the range of Microsoft',
        },
      ],
    },
  ]),
];

export const FRONT_END_BALANCER_ROWS: readonly CatalogueRow[] = rows(
  {
    product: 'ocs-2007-r2',
    role: 'load-balancer-front-end',
    direction: 'inbound',
    peers: ['servers'],
    loadBalanced: true,
  },
  BOTH.map(({ line, balancer }) => ({ ...line, sources: balancer })),
);

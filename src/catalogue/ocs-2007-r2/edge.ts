/**
 * Edge Servers. Each row stands with the interface that it is for; OCSpedia has one table for both.
 * `edge-balancers.ts` has the VIPs in front of them.
 */
import { rows } from '../define.ts';
import type { CatalogueRow } from '../row.ts';
import { listed } from './listed.ts';

const SIP = listed('ocspedia', 'Edge Server, 5061 TCP, SIP/MTLS of remote users and federation');
const WEB = listed(
  'ocspedia',
  'Edge Server, 443 TCP, SIP/TLS of remote users, Web conferences, STUN/TCP in and out',
);
const STUN = listed('ocspedia', 'Edge Server, 3478 UDP, STUN in and out');

const INTERNAL: readonly CatalogueRow[] = rows(
  {
    product: 'ocs-2007-r2',
    role: 'edge-internal',
    direction: 'inbound',
    peers: ['servers'],
    loadBalanced: true,
  },
  [
    {
      ports: '5061',
      direction: 'both',
      protocol: 'SIP/MTLS',
      purpose: 'SIP of remote users and partners, from and to Director or pool',
      sources: [SIP],
    },
    {
      ports: '5062',
      protocol: 'SIP/MTLS',
      purpose: 'Authentication of audio and video users, out through the internal firewall',
      sources: [listed('ocspedia', 'Edge Server, 5062 TCP, SIP/MTLS, authentication of A/V users')],
    },
    {
      ports: '443',
      peers: ['clients', 'servers'],
      protocol: 'STUN/TCP',
      purpose: 'Audio and video between inside and outside, where UDP does not pass',
      sources: [WEB],
    },
    {
      ports: '3478',
      transport: 'udp',
      peers: ['clients', 'servers'],
      protocol: 'STUN/UDP',
      purpose: 'Audio and video between inside and outside',
      sources: [STUN],
    },
    {
      ports: '8057',
      loadBalanced: false,
      protocol: 'PSOM/MTLS',
      purpose: 'Web conferences: the Web Conferencing Server connects to each Edge Server itself',
      sources: [
        listed('ocspedia', 'Edge Server, 8057 TCP, PSOM/MTLS of the Web Conferencing Server'),
        listed('deployBalancers', '8057 goes straight to each server'),
      ],
    },
  ],
);

const EXTERNAL: readonly CatalogueRow[] = rows(
  {
    product: 'ocs-2007-r2',
    role: 'edge-external',
    direction: 'both',
    peers: ['outside'],
    loadBalanced: true,
  },
  [
    {
      ports: '5061',
      protocol: 'SIP/MTLS',
      purpose: 'SIP of remote users and of federated partners',
      sources: [SIP],
    },
    {
      ports: '443',
      protocol: 'SIP/TLS, PSOM/TLS, STUN/TCP',
      purpose: 'Remote users: signing in, Web conferences, audio and video; one address for each',
      sources: [WEB],
    },
    {
      ports: '3478',
      transport: 'udp',
      protocol: 'STUN/UDP',
      purpose: 'Audio and video of remote users',
      sources: [STUN],
    },
    {
      ports: '50000-59999',
      loadBalanced: false,
      protocol: 'RTP/TCP',
      purpose: "Audio and video through the external firewall, at each server's own address",
      sources: [
        listed('ocspedia', 'Edge Server, 50,000-59,999 RTP/TCP, media through the external firewall'),
      ],
    },
  ],
);

export const EDGE_ROWS: readonly CatalogueRow[] = [...INTERNAL, ...EXTERNAL];

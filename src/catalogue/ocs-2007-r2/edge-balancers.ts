/** The VIPs in front of Edge Servers: OCSpedia has one VIP for each side, Microsoft one for each external service. */
import { rows } from '../define.ts';
import type { CatalogueRow, Citation } from '../row.ts';
import { listed } from './listed.ts';

const PRODUCT = 'ocs-2007-r2' as const;
const INBOUND = { product: PRODUCT, direction: 'inbound', loadBalanced: true } as const;

/** One of OCSpedia's seven rows for the consolidated Edge, which say for which ports they are. */
function consolidated(side: 'internal' | 'external', says: string): Citation {
  return listed('ocspedia', `Load Balancer for Consolidated Edge Server, ${side} ports, ${says}`);
}

const INTERNAL: readonly CatalogueRow[] = rows(
  { ...INBOUND, role: 'load-balancer-edge-internal', peers: ['servers'] },
  [
    {
      ports: '443',
      peers: ['clients', 'servers'],
      protocol: 'STUN/TCP',
      purpose: 'Audio and video between inside and outside, where UDP does not pass',
      sources: [
        consolidated('internal', '443 TCP, remote users, internal Web conferences, STUN/TCP'),
        listed('deployBalancers', 'internal, A/V: 443'),
      ],
      corrections: [
        {
          document: 'ocspedia',
          wrote: 'has internal Web conferences on it',
          why: 'Web conferencing must not be balanced inside: it is for A/V alone',
        },
      ],
    },
    {
      ports: '5061',
      direction: 'both',
      protocol: 'SIP/MTLS',
      purpose: 'SIP of remote users and partners, from Director or pool',
      sources: [
        consolidated('internal', '5061 TCP, SIP/MTLS of remote users and federation'),
        listed('deployBalancers', 'internal, Access: 5061'),
      ],
    },
    {
      ports: '5062',
      protocol: 'SIP/MTLS',
      purpose: 'Authentication of audio and video users',
      sources: [
        consolidated('internal', '5062 TCP, SIP/MTLS, outbound through the internal firewall'),
        listed('deployBalancers', 'internal, A/V: 5062'),
      ],
      corrections: [
        {
          document: 'ocspedia',
          wrote: 'has it authenticate instant messaging',
          why: 'it authenticates A/V users, as its own row of the Edge Server says',
        },
      ],
    },
    {
      ports: '3478',
      transport: 'udp',
      peers: ['clients', 'servers'],
      protocol: 'STUN/UDP',
      purpose: 'Audio and video between inside and outside',
      sources: [
        consolidated('internal', '3478 UDP, STUN/UDP in and out'),
        listed('deployBalancers', 'internal, A/V: UDP 3478'),
      ],
    },
  ],
);

const EXTERNAL: readonly CatalogueRow[] = rows(
  { ...INBOUND, role: 'load-balancer-edge-external', peers: ['outside'] },
  [
    {
      ports: '443',
      direction: 'both',
      protocol: 'SIP/TLS, PSOM/TLS, STUN/TCP',
      purpose: 'Remote users: signing in, Web conferences, audio and video',
      sources: [consolidated('external', '443 TCP, remote users, Web conferences, STUN/TCP')],
    },
    {
      ports: '5061',
      direction: 'both',
      protocol: 'SIP/MTLS',
      purpose: 'SIP of remote users and of federated partners',
      sources: [consolidated('external', '5061 TCP, SIP/MTLS of remote users and federation')],
    },
    {
      ports: '3478',
      direction: 'both',
      transport: 'udp',
      protocol: 'STUN/UDP',
      purpose: 'Audio and video of remote users',
      sources: [consolidated('external', '3478 TCP, STUN/UDP in and out')],
      corrections: [
        {
          document: 'ocspedia',
          wrote: 'names TCP for STUN/UDP',
          why: 'a misprint: UDP, as in its own rows of the Edge Server and of the internal ports',
        },
      ],
    },
  ],
);

const ACCESS: readonly CatalogueRow[] = rows(
  { ...INBOUND, role: 'load-balancer-edge-external-access', peers: ['outside'] },
  [
    {
      ports: '5061',
      direction: 'both',
      protocol: 'SIP/MTLS',
      purpose: 'SIP of federated partners and public providers',
      sources: [listed('deployBalancers', 'external, Access: 5061')],
    },
    {
      ports: '443',
      protocol: 'SIP/TLS',
      purpose: 'SIP of remote users',
      sources: [listed('deployBalancers', 'external, Access: 443')],
    },
  ],
);

const WEB_CONFERENCING: readonly CatalogueRow[] = rows(
  { ...INBOUND, role: 'load-balancer-edge-external-web-conferencing', peers: ['outside'] },
  [
    {
      ports: '443',
      protocol: 'PSOM/TLS',
      purpose: 'Web conferences of remote users',
      sources: [listed('deployBalancers', 'external, Web Conferencing: 443')],
    },
  ],
);

const AV: readonly CatalogueRow[] = rows(
  { ...INBOUND, role: 'load-balancer-edge-external-av', peers: ['outside'] },
  [
    {
      ports: '443',
      direction: 'both',
      protocol: 'STUN/TCP',
      purpose: 'Audio and video of remote users, where UDP does not pass',
      sources: [listed('deployBalancers', 'external, A/V: 443')],
    },
    {
      ports: '3478',
      direction: 'both',
      transport: 'udp',
      protocol: 'STUN/UDP',
      purpose: 'Audio and video of remote users',
      sources: [listed('deployBalancers', 'external, A/V: UDP 3478')],
    },
  ],
);

export const EDGE_BALANCER_ROWS: readonly CatalogueRow[] = [
  ...INTERNAL,
  ...EXTERNAL,
  ...ACCESS,
  ...WEB_CONFERENCING,
  ...AV,
];

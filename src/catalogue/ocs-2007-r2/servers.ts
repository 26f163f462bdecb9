/** Servers other than Front Ends and Edge Servers. */
import { rows } from '../define.ts';
import type { CatalogueRow } from '../row.ts';
import { listed } from './listed.ts';

const PRODUCT = 'ocs-2007-r2' as const;

const SESSION_PORTS = {
  document: 'ocspedia',
  wrote: 'writes 49152-65335',
  why: 'a misprint of 49152-65535, the range of Microsoft',
} as const;

export const GROUP_CHAT_ROWS: readonly CatalogueRow[] = rows(
  { product: PRODUCT, role: 'group-chat', direction: 'both', peers: ['servers'], loadBalanced: false },
  [
    {
      ports: '49152-65535',
      direction: 'inbound',
      peers: ['clients', 'servers'],
      protocol: 'Group Chat',
      purpose: 'Sessions: ten ports of this range, chosen at random',
      sources: [listed('ocspedia', 'Group Chat Server, 49152-65335, session ports, no transport named')],
      corrections: [SESSION_PORTS],
    },
    {
      ports: '443',
      direction: 'inbound',
      peers: ['clients'],
      protocol: 'HTTP',
      purpose: 'Web service of the server: files that clients post and fetch',
      sources: [listed('ocspedia', 'Group Chat Server, 443 HTTP')],
    },
    {
      ports: '8010',
      protocol: 'WCF',
      purpose: 'Lookup Servers keep each other up to date',
      sources: [listed('ocspedia', 'Group Chat Server, 8010, WCF of the Lookup Server, no transport named')],
    },
    {
      ports: '8011',
      protocol: 'WCF',
      purpose: 'Channel Servers keep each other up to date',
      sources: [listed('ocspedia', 'Group Chat Server, 8011, WCF of the Channel Server, no transport named')],
    },
    {
      ports: '5041',
      direction: 'inbound',
      protocol: 'SIP/MTLS',
      purpose: 'The channel service listens here',
      sources: [listed('ocspedia', 'Group Chat Server, 5041 TCP, channel service')],
    },
    {
      ports: '5061',
      protocol: 'SIP/TLS',
      purpose: 'SIP with the servers inside',
      sources: [listed('ocspedia', 'Group Chat Server, 5061 TCP, SIP/TLS with internal servers')],
    },
  ],
);

export const MONITORING_ROWS: readonly CatalogueRow[] = rows(
  { product: PRODUCT, role: 'monitoring', direction: 'inbound', peers: ['servers'], loadBalanced: false },
  [
    {
      ports: '135',
      protocol: 'MSMQ',
      purpose: 'Message queues: call records from the Front End Servers',
      sources: [listed('ocspedia', 'Monitoring Server, 135 MSMQ')],
    },
    {
      ports: '5069',
      protocol: 'SIP',
      purpose: 'Quality data (QoE), where Front End Servers stand behind a load balancer',
      sources: [listed('ocspedia', 'Monitoring Server, 5069, with a load balancer of Front Ends')],
    },
  ],
);

export const ARCHIVING_ROWS: readonly CatalogueRow[] = rows(
  { product: PRODUCT, role: 'archiving', direction: 'inbound', peers: ['servers'], loadBalanced: false },
  [
    {
      ports: '135',
      protocol: 'MSMQ',
      purpose: 'Message queues: what is to be archived, from the Front End Servers',
      sources: [listed('ocspedia', 'Archiving Server, 135 MSMQ')],
    },
  ],
);

export const MEDIATION_ROWS: readonly CatalogueRow[] = rows(
  {
    product: PRODUCT,
    role: 'mediation',
    direction: 'both',
    peers: ['servers', 'gateways'],
    loadBalanced: false,
  },
  [
    {
      ports: '60000-64000',
      transport: 'tcp and udp',
      peers: ['clients', 'servers', 'gateways'],
      protocol: 'RTP',
      purpose: 'Voice between clients and telephone gateways',
      sources: [listed('ocspedia', 'Mediation Server, 60000-64000 TCP, media')],
      corrections: [
        {
          document: 'ocspedia',
          wrote: 'names TCP alone',
          why: 'media is sent over UDP first: both are open',
        },
      ],
    },
    {
      ports: '5061',
      peers: ['servers'],
      protocol: 'SIP/TLS',
      purpose: 'SIP with the Front End Servers',
      sources: [listed('ocspedia', 'Mediation Server, 5061 TCP, listening')],
    },
    {
      ports: '5060',
      peers: ['gateways'],
      protocol: 'SIP',
      purpose: 'SIP with telephone gateways and the next hop',
      sources: [listed('ocspedia', 'Mediation Server, 5060 TCP, gateway and next hop')],
    },
  ],
);

const NOT_SIP = {
  document: 'ocspedia',
  wrote: 'calls it SIP/TLS',
  why: 'a reverse proxy publishes web components: it is HTTPS',
} as const;

const REVERSE_PROXY = [listed('ocspedia', 'Reverse Proxy, 443 TCP, external users, at both firewalls')];

export const REVERSE_PROXY_ROWS: readonly CatalogueRow[] = rows(
  {
    product: PRODUCT,
    role: 'reverse-proxy',
    direction: 'inbound',
    peers: ['outside'],
    loadBalanced: false,
  },
  [
    {
      ports: '443',
      protocol: 'HTTPS',
      purpose: 'Web components for users outside, through the external firewall',
      sources: REVERSE_PROXY,
      corrections: [NOT_SIP],
    },
    {
      ports: '443',
      direction: 'outbound',
      peers: ['servers'],
      protocol: 'HTTPS',
      purpose: 'Web components of the pool, through the internal firewall',
      sources: REVERSE_PROXY,
      corrections: [NOT_SIP],
    },
  ],
);

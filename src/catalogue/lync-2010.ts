/**
 * Lync Server 2010: what could be had of it. Microsoft's own table only as a weblog copied it, and Kemp's list for the
 * same pools, where it goes beyond.
 */
import { type Line, rows } from './define.ts';
import type { CatalogueRow, Citation } from './row.ts';

const copied = (says: string): Citation => ({ document: 'lync2010Copy', says });
const kemp = (says: string): Citation => ({ document: 'kemp', says });

const COMMON: readonly Line[] = [
  {
    ports: '5060',
    protocol: 'SIP',
    purpose: 'SIP without TLS',
    sources: [copied('5060, open on the load balancer'), kemp('5060, optional')],
  },
  {
    ports: '5061',
    protocol: 'SIP/TLS',
    purpose: 'SIP of clients, and over mutual TLS between servers',
    sources: [copied('5061, open on the load balancer'), kemp('5061')],
  },
  {
    ports: '444',
    peers: ['servers'],
    protocol: 'HTTPS',
    purpose: 'The state of conferences, between the focus and the conferencing servers',
    sources: [copied('444, open on the load balancer'), kemp('444')],
  },
  {
    ports: '135',
    peers: ['administrators', 'servers'],
    protocol: 'DCOM/RPC',
    purpose: 'Moving users and other remote administration, with DNS load balancing too',
    sources: [copied('135, open on the load balancer, also with DNS load balancing'), kemp('135')],
  },
];

/** Kemp names these and not what they are for. */
const OPTIONAL = ['80', '448', '5067', '5068', '5070', '5071', '5072', '5073', '5074'];

const KEMP: readonly Line[] = [
  {
    ports: '5065',
    peers: ['servers'],
    protocol: 'SIP',
    purpose: 'Application sharing',
    sources: [kemp('5065')],
  },
  {
    ports: '5069',
    peers: ['servers'],
    protocol: 'SIP',
    purpose: 'Monitoring Server',
    sources: [kemp('5069')],
  },
  {
    ports: '445',
    protocol: 'HTTPS',
    purpose: "Web services, at a port of Kemp's own choice",
    sources: [kemp('445, web services')],
  },
  {
    ports: '4445',
    peers: ['reverse-proxy'],
    protocol: 'HTTPS',
    purpose: "Web services, at a port of Kemp's own choice",
    sources: [kemp('4445, web services')],
  },
  ...OPTIONAL.map(
    (ports): Line => ({
      ports,
      protocol: ports === '80' ? 'HTTP' : ports === '448' ? 'Bandwidth policy' : 'SIP',
      purpose: 'Optional, where its feature is used; Kemp does not say which',
      sources: [kemp(`${ports}, optional`)],
    }),
  ),
];

export const LYNC_2010_ROWS: readonly CatalogueRow[] = [
  ...rows(
    {
      product: 'lync-2010',
      role: 'load-balancer-front-end',
      direction: 'inbound',
      peers: ['clients', 'servers'],
      loadBalanced: true,
    },
    [...COMMON, ...KEMP],
  ),
  ...rows(
    {
      product: 'lync-2010',
      role: 'front-end',
      direction: 'inbound',
      peers: ['clients', 'servers'],
      loadBalanced: true,
    },
    COMMON,
  ),
  ...rows(
    {
      product: 'lync-2010',
      role: 'front-end',
      direction: 'inbound',
      peers: ['servers'],
      loadBalanced: false,
    },
    [
      {
        ports: '5062',
        protocol: 'SIP',
        purpose: 'Conferences of instant messages',
        sources: [copied('5062, not on the load balancer')],
      },
      {
        ports: '5063',
        protocol: 'SIP',
        purpose: 'Audio and video conferences',
        sources: [copied('5063, not on the load balancer')],
      },
      {
        ports: '8057',
        peers: ['clients'],
        protocol: 'PSOM/TLS',
        purpose: 'Web conferences, straight to the server that has the conference',
        sources: [copied('8057, not on the load balancer')],
      },
    ],
  ),
];

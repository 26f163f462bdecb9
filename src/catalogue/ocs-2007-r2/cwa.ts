/** Communicator Web Access. Only its web addresses are load-balanced; the rest is how it reaches the domain and the pool. */
import { rows } from '../define.ts';
import type { CatalogueRow } from '../row.ts';
import { listed } from './listed.ts';

const WEB = { direction: 'inbound', peers: ['clients', 'reverse-proxy'], loadBalanced: true } as const;

export const CWA_ROWS: readonly CatalogueRow[] = rows(
  {
    product: 'ocs-2007-r2',
    role: 'cwa',
    direction: 'outbound',
    peers: ['directory'],
    loadBalanced: false,
  },
  [
    {
      ...WEB,
      ports: '80',
      protocol: 'HTTP',
      purpose: 'Browsers, where HTTPS is not configured',
      sources: [listed('ocspedia', 'Communicator Web Access Server, 80 HTTP, if HTTPS is not configured')],
    },
    {
      ports: '88',
      transport: 'tcp and udp',
      protocol: 'Kerberos',
      purpose: 'Signing users in against the domain',
      sources: [listed('ocspedia', 'Communicator Web Access Server, 88, Kerberos, no transport named')],
    },
    {
      ports: '137',
      transport: 'udp',
      protocol: 'NetBIOS name service',
      purpose: 'Names of the domain',
      sources: [listed('ocspedia', 'Communicator Web Access Server, 137, NetBIOS names, no transport named')],
    },
    {
      ports: '138',
      transport: 'udp',
      protocol: 'NetBIOS datagram service',
      purpose: 'Datagrams of the domain',
      sources: [
        listed('ocspedia', 'Communicator Web Access Server, 138, NetBIOS datagrams, no transport named'),
      ],
    },
    {
      ports: '139',
      protocol: 'NetBIOS session service',
      purpose: 'Sessions with domain controllers',
      sources: [
        listed('ocspedia', 'Communicator Web Access Server, 139, NetBIOS sessions, no transport named'),
      ],
    },
    {
      ports: '389',
      protocol: 'LDAP',
      purpose: 'The directory, on a domain controller',
      sources: [
        listed('ocspedia', 'Communicator Web Access Server, 389, LDAP on the DC, no transport named'),
      ],
    },
    {
      ...WEB,
      ports: '443',
      protocol: 'HTTPS',
      purpose: 'Browsers, inside and through a reverse proxy',
      sources: [listed('ocspedia', 'Communicator Web Access Server, 443 HTTPS')],
    },
    {
      ports: '3268',
      protocol: 'LDAP',
      purpose: 'The directory, on a global catalogue server',
      sources: [
        listed('ocspedia', 'Communicator Web Access Server, 3268, LDAP on the GC, no transport named'),
      ],
    },
    {
      ports: '5061',
      direction: 'both',
      peers: ['servers'],
      protocol: 'SIP/TLS',
      purpose: 'SIP with the pool',
      sources: [listed('ocspedia', 'Communicator Web Access Server, 5061 TCP/UDP, SIP')],
      corrections: [
        {
          document: 'ocspedia',
          wrote: 'names TCP/UDP',
          why: 'these servers do not speak SIP over UDP: TCP alone',
        },
      ],
    },
  ],
);

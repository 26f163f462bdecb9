/** Directors and the load balancer in front of them. */
import { type Line, rows } from '../define.ts';
import type { CatalogueRow } from '../row.ts';
import { listed } from './listed.ts';

export const DIRECTOR_ROWS: readonly CatalogueRow[] = [
  ...rows(
    {
      product: 'ocs-2007-r2',
      role: 'director',
      direction: 'both',
      peers: ['clients', 'servers', 'edge'],
      loadBalanced: true,
    },
    linesFor('Director'),
  ),
  ...rows(
    {
      product: 'ocs-2007-r2',
      role: 'load-balancer-director',
      direction: 'both',
      peers: ['clients', 'servers', 'edge'],
      loadBalanced: true,
    },
    linesFor('Load Balancer for Director'),
  ),
];

function linesFor(role: string): Line[] {
  const sources = [listed('ocspedia', `${role}, 5060/5061 TCP, between servers`)];
  return [
    { ports: '5060', protocol: 'SIP', purpose: 'SIP without TLS between servers', sources },
    {
      ports: '5061',
      protocol: 'SIP/TLS',
      purpose: 'SIP over TLS between servers, and of clients that are sent on to their pool',
      sources,
    },
  ];
}

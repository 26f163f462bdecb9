/** Ports that a vendor's load balancer has of its own; none of the pool's, and none that Poolgate has. */
import { rows } from '../define.ts';
import type { CatalogueRow } from '../row.ts';
import { listed } from './listed.ts';

export const APPLIANCE_ROWS: readonly CatalogueRow[] = rows(
  {
    product: 'ocs-2007-r2',
    role: 'load-balancer-appliance',
    direction: 'inbound',
    peers: ['administrators'],
    loadBalanced: false,
  },
  [
    {
      ports: '9080',
      protocol: 'HTTP',
      purpose: "Administration of Loadbalancer.org's appliance, in a browser",
      sources: [listed('loadbalancerOrg', 'web interface at port 9080')],
      corrections: [
        {
          document: 'loadbalancerOrg',
          wrote: 'reaches it over HTTP with the password of the factory',
          why: 'passwords must not cross a network in clear, nor stay as they were delivered',
        },
      ],
    },
    {
      ports: '9081',
      protocol: 'HTTP',
      purpose: "The page that Loadbalancer.org's appliance shows when no server is up",
      sources: [listed('loadbalancerOrg', 'fallback 127.0.0.1:9081')],
      corrections: [
        {
          document: 'loadbalancerOrg',
          wrote: 'has it stand in for SIP, RPC and TLS',
          why: 'a web page cannot answer them: leave it out',
        },
      ],
    },
  ],
);

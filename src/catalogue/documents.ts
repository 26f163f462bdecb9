/** The documents that the catalogue cites, once each; rows name them by key. */
interface Document {
  readonly title: string;
  /** Where it is, or was. */
  readonly address?: string;
}

const LYNC_2013 = 'https://learn.microsoft.com/en-us/previous-versions/office/lync-server-2013';

export const DOCUMENTS = {
  requirements: {
    title: 'Microsoft, Load Balancers for Office Communications Server 2007 R2',
    address: 'https://technet.microsoft.com/en-us/library/dd572362(office.13).aspx',
  },
  ocspedia: { title: 'OCSpedia, Ports and Protocols in OCS 2007 R2 (8 February 2009)' },
  weblog: { title: 'Weblog, Undocumented ports for load balancing OCS 2007 R2? (15 July 2009)' },
  radware: { title: 'Radware, document of 9 November 2009, as a comment on that weblog quotes it' },
  loadbalancerOrg: {
    title: 'Loadbalancer.org, Microsoft Office Communication Server 2007 R2 Deployment Guide (2010)',
  },
  webmux: { title: 'WebMux, Scale to a Load Balanced Enterprise Edition Pool Walkthrough' },
  deployBalancers: {
    title: 'Microsoft, Deploy Load Balancers (Office Communications Server 2007 R2, 16 April 2010)',
    address: 'https://technet.microsoft.com/en-us/library/dd441179(v=office.13).aspx',
  },
  lync2010Copy: {
    title: "Unified IT weblog, 22 November 2010, a copy of Microsoft's ports for Lync Server 2010",
    address: 'https://unifiedit.wordpress.com/2010/11/22',
  },
  kemp: { title: 'Kemp, Lync 2010: Required Services for Front End Pools' },
  lync2013Ports: {
    title: 'Microsoft, Ports and protocols for internal servers in Lync Server 2013',
    address: `${LYNC_2013}/lync-server-2013-ports-and-protocols-for-internal-servers`,
  },
  lync2013Director: {
    title: 'Microsoft, Port summary - Scaled Director pool: hardware load balancer (Lync Server 2013)',
    address: `${LYNC_2013}/lync-server-2013-port-summary-scaled-director-pool-hardware-load-balancer`,
  },
  lync2013ReverseProxy: {
    title: 'Microsoft, Port summary - Reverse proxy (Lync Server 2013)',
    address: `${LYNC_2013}/lync-server-2013-port-summary-reverse-proxy`,
  },
  lync2013Edge: {
    title:
      'Microsoft, Port summary - Scaled consolidated edge with hardware load balancers (Lync Server 2013)',
    address: `${LYNC_2013}/lync-server-2013-port-summary-scaled-consolidated-edge-with-hardware-load-balancers`,
  },
  sfbPorts: {
    title: 'Microsoft, Port and protocol requirements for servers (Skype for Business Server)',
    address:
      'https://github.com/MicrosoftDocs/OfficeDocs-SkypeForBusiness/blob/live/Skype/SfbServer/plan-your-deployment/network-requirements/ports-and-protocols.md',
  },
  sfbEdge: {
    title: 'Microsoft, Edge Server environmental requirements in Skype for Business Server',
    address:
      'https://github.com/MicrosoftDocs/OfficeDocs-SkypeForBusiness/blob/live/Skype/SfbServer/plan-your-deployment/edge-server-deployments/edge-environmental-requirements.md',
  },
} as const satisfies Record<string, Document>;

export type DocumentKey = keyof typeof DOCUMENTS;

export function titleOf(document: DocumentKey): string {
  return DOCUMENTS[document].title;
}

/**
 * What the documents list, copied from them by hand and in their words; the catalogue's tables are not used. One row a
 * line: role, ports as written, transport or protocol as written (`-`: the document names none).
 */

/** OCSpedia, Ports and Protocols in OCS 2007 R2: every row of its table, in its order. */
export const OCSPEDIA_TABLE = `
Front End Servers | 5060/5061 | TCP\\MTLS
Front End Servers | 443 | HTTPS
Front End Servers | 444 | HTTPS
Front End Servers | 80 | TCP
Front End Servers | 135 | DCOM and RPC
Front End Servers | 5062 | TCP
Front End Servers | 5063 | TCP
Front End Servers | 5064 | TCP
Front End Servers | 5065 | TCP
Front End Servers | 5071 | TCP
Front End Servers | 5072 | TCP
Front End Servers | 5073 | TCP
Front End Servers | 5074 | TCP
Front End Servers | 8057 | TLS
Front End Servers | 8404 | TLS
Front End Servers | 49152-65335 | UDP
Load Balancer for Front End Servers | 5060/5061 | TCP MTLS
Load Balancer for Front End Servers | 443 | HTTPS
Load Balancer for Front End Servers | 444 | HTTPS
Load Balancer for Front End Servers | 135 | DCOM and RPC
Load Balancer for Front End Servers | 5065 | TCP
Load Balancer for Front End Servers | 5069 | TCP
Load Balancer for Front End Servers | 5071 | TCP
Load Balancer for Front End Servers | 5072 | TCP
Load Balancer for Front End Servers | 5073 | TCP
Load Balancer for Front End Servers | 5074 | TCP
Communicator Web Access Server | 80 | HTTP
Communicator Web Access Server | 88 | -
Communicator Web Access Server | 137 | -
Communicator Web Access Server | 138 | -
Communicator Web Access Server | 139 | -
Communicator Web Access Server | 389 | -
Communicator Web Access Server | 443 | HTTPS
Communicator Web Access Server | 3268 | -
Communicator Web Access Server | 5061 | TCP/UDP
Group Chat Server | 49152-65335 | -
Group Chat Server | 443 | HTTP
Group Chat Server | 8010 | -
Group Chat Server | 8011 | -
Group Chat Server | 5041 | TCP
Group Chat Server | 5061 | TCP
Monitoring Server | 135 | MSMQ
Monitoring Server | 5069 | -
Archiving Server | 135 | MSMQ
Director | 5060/5061 | TCP
Load Balancer for Director | 5060/5061 | TCP
Mediation Server | 60000-64000 | TCP
Mediation Server | 5061 | TCP
Mediation Server | 5060 | TCP
Reverse Proxy | 443 | TCP
Edge Server | 5061 | TCP
Edge Server | 5062 | TCP
Edge Server | 443 | TCP
Edge Server | 8057 | TCP
Edge Server | 3478 | UDP
Edge Server | 50,000-59,999 | RTP/TCP
Load Balancer for Consolidated Edge Server (internal) | 443 | TCP
Load Balancer for Consolidated Edge Server (internal) | 5061 | TCP
Load Balancer for Consolidated Edge Server (internal) | 5062 | TCP
Load Balancer for Consolidated Edge Server (internal) | 3478 | UDP
Load Balancer for Consolidated Edge Server (external) | 443 | TCP
Load Balancer for Consolidated Edge Server (external) | 5061 | TCP
Load Balancer for Consolidated Edge Server (external) | 3478 | TCP
Office Communicator | 5060 | TCP (SIP)
Office Communicator | 5061 | TCP (SIP)
Office Communicator | 443 | TCP (HTTP)
Office Communicator | 1024-65535 | UDP/TCP
Office Communicator | 6891-6901 | TCP
Live Meeting 2007 client | 443 | TCP
Live Meeting 2007 client | 8057 | TCP
Live Meeting 2007 client | 5061 | TCP
Live Meeting 2007 client | 1024-65535 | UDP/TCP
Live Meeting 2007 client | 6891-6901 | TCP
2007 R2 version of Communicator Mobile | 5060 | TCP (SIP)
2007 R2 version of Communicator Mobile | 5061 | TCP (SIP)
2007 R2 version of Communicator Mobile | 443 | TCP (HTTP)
`;

/** The rows of that table which are wrong, and what is right: no other may differ from what is written. */
export const OCSPEDIA_CORRECTED = `
Front End Servers | 49152-65335 | 49152-65535 | udp
Communicator Web Access Server | 5061 | 5061 | tcp
Group Chat Server | 49152-65335 | 49152-65535 | tcp
Mediation Server | 60000-64000 | 60000-64000 | tcp udp
Reverse Proxy | 443 | 443 | tcp
Load Balancer for Consolidated Edge Server (internal) | 443 | 443 | tcp
Load Balancer for Consolidated Edge Server (internal) | 5062 | 5062 | tcp
Load Balancer for Consolidated Edge Server (external) | 3478 | 3478 | udp
`;

/** What each of the other documents puts on the VIP of an Enterprise pool. */
export const VIP_LISTS = {
  'Load Balancers for Office Communications Server 2007 R2':
    '5060 5061 135 443 444 5065 5069 5071 5072 5073 5074 8404',
  'Undocumented ports for load balancing OCS 2007 R2?':
    '5060 5061 5065 5069 5071 5072 5073 5074 135 444 443 80',
  'Microsoft Office Communication Server 2007 R2 Deployment Guide':
    '5060 5061 135 443 444 5065 5069 5071 5072 5073 5074 8404',
  'Scale to a Load Balanced Enterprise Edition Pool Walkthrough':
    '5061 5060 135 443 444 5065 5069 5071 5072 5073 5074 8404',
  Radware: '5060 5061 443 444 5065 135',
} as const;

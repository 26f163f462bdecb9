/** Clients of the product, as they see it: what they connect to. */
import { rows } from '../define.ts';
import type { CatalogueRow } from '../row.ts';
import { listed } from './listed.ts';

const CLIENT = {
  product: 'ocs-2007-r2',
  direction: 'outbound',
  peers: ['servers'],
  loadBalanced: true,
} as const;

const COMMUNICATOR: readonly CatalogueRow[] = rows({ ...CLIENT, role: 'communicator' }, [
  {
    ports: '5060',
    protocol: 'SIP',
    purpose: 'SIP inside, without TLS',
    sources: [listed('ocspedia', 'Office Communicator, 5060 TCP (SIP), inside')],
  },
  {
    ports: '5061',
    protocol: 'SIP/TLS',
    purpose: 'SIP inside; authentication of audio and video users',
    sources: [listed('ocspedia', 'Office Communicator, 5061 TCP (SIP), inside and A/V authentication')],
  },
  {
    ports: '443',
    peers: ['edge'],
    protocol: 'HTTP',
    purpose: 'SIP from outside, by the port that is open for the web everywhere',
    sources: [listed('ocspedia', 'Office Communicator, 443 TCP (HTTP), SIP of clients outside')],
  },
  {
    ports: '1024-65535',
    transport: 'tcp and udp',
    direction: 'both',
    peers: ['clients', 'servers', 'edge'],
    loadBalanced: false,
    protocol: 'RTP',
    purpose: 'Audio and video, straight between those who talk',
    sources: [
      listed('ocspedia', 'Office Communicator, 1024-65535 UDP/TCP, media through the external firewall'),
    ],
  },
  {
    ports: '6891-6901',
    direction: 'both',
    peers: ['clients'],
    loadBalanced: false,
    protocol: 'File transfer',
    purpose: 'Files from one client to another',
    sources: [listed('ocspedia', 'Office Communicator, 6891-6901 TCP, file transfer')],
  },
]);

const LIVE_MEETING: readonly CatalogueRow[] = rows({ ...CLIENT, role: 'live-meeting' }, [
  {
    ports: '443',
    peers: ['edge'],
    protocol: 'SIP/TLS, PSOM/TLS',
    purpose: 'From outside: SIP to the Access Edge, Web conferences to the Web Conferencing Edge',
    sources: [listed('ocspedia', 'Live Meeting 2007 client, 443 TCP, SIP and PSOM of clients outside')],
  },
  {
    ports: '8057',
    loadBalanced: false,
    protocol: 'PSOM/TLS',
    purpose: 'Web conferences, straight to the Web Conferencing Server',
    sources: [listed('ocspedia', 'Live Meeting 2007 client, 8057 TCP, outgoing PSOM')],
  },
  {
    ports: '5061',
    peers: ['servers', 'edge'],
    protocol: 'SIP/TLS',
    purpose: 'SIP to Front End Servers or Access Edge; authentication of audio and video users',
    sources: [listed('ocspedia', 'Live Meeting 2007 client, 5061 TCP, SIP/TLS and A/V authentication')],
  },
  {
    ports: '1024-65535',
    transport: 'tcp and udp',
    direction: 'both',
    peers: ['clients', 'servers', 'edge'],
    loadBalanced: false,
    protocol: 'RTP',
    purpose: 'Audio and video, straight between those who talk',
    sources: [
      listed('ocspedia', 'Live Meeting 2007 client, 1024-65535 UDP/TCP, media through the external firewall'),
    ],
  },
  {
    ports: '6891-6901',
    direction: 'both',
    peers: ['clients'],
    loadBalanced: false,
    protocol: 'File transfer',
    purpose: 'Files from one client to another',
    sources: [listed('ocspedia', 'Live Meeting 2007 client, 6891-6901 TCP, file transfer')],
  },
]);

const MOBILE: readonly CatalogueRow[] = rows({ ...CLIENT, role: 'communicator-mobile' }, [
  {
    ports: '5060',
    protocol: 'SIP',
    purpose: 'SIP inside, without TLS',
    sources: [listed('ocspedia', 'Communicator Mobile, 5060 TCP (SIP), inside')],
  },
  {
    ports: '5061',
    protocol: 'SIP/TLS',
    purpose: 'SIP inside, over TLS',
    sources: [listed('ocspedia', 'Communicator Mobile, 5061 TCP (SIP), over TLS inside')],
  },
  {
    ports: '443',
    peers: ['edge'],
    protocol: 'HTTP',
    purpose: 'SIP from outside, by the port that is open for the web everywhere',
    sources: [listed('ocspedia', 'Communicator Mobile, 443 TCP (HTTP), SIP of clients outside')],
  },
]);

export const CLIENT_ROWS: readonly CatalogueRow[] = [...COMMUNICATOR, ...LIVE_MEETING, ...MOBILE];

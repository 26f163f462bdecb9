/** Clients of Lync Server 2013 and Skype for Business Server, as they see it: what they connect to. */
import type { CatalogueRow } from '../row.ts';
import { familyRows, PORT_TABLES } from './family.ts';

export const CLIENT_ROWS: readonly CatalogueRow[] = familyRows(
  { role: 'clients', direction: 'outbound', peers: ['edge'], loadBalanced: true },
  PORT_TABLES,
  [
    {
      ports: '443',
      protocol: 'SIP/TLS, PSOM/TLS, STUN/TCP',
      purpose: 'From outside: signing in, Web conferences, audio and video',
      says: 'Clients, 443 TCP, SIP, PSOM and STUN of external users',
    },
    {
      ports: '3478',
      transport: 'udp',
      protocol: 'STUN/UDP',
      purpose: 'From outside: audio and video',
      says: 'Clients, 3478 UDP, STUN of external users',
    },
    {
      ports: '5061',
      peers: ['servers', 'edge'],
      protocol: 'SIP/TLS',
      purpose: 'SIP to the pool, and from outside',
      says: 'Clients, 5061 TCP, SIP',
    },
    {
      ports: '6891-6901',
      direction: 'both',
      peers: ['clients'],
      loadBalanced: false,
      protocol: 'File transfer',
      purpose: 'Files between clients of this and of former versions',
      says: 'Clients, 6891-6901 TCP, file transfer',
    },
    {
      ports: '1024-65535',
      transport: 'tcp and udp',
      direction: 'both',
      peers: ['clients', 'servers', 'edge'],
      loadBalanced: false,
      protocol: 'RTP',
      purpose: 'Audio, video, files and application sharing; a range that the administrator may narrow',
      says: 'Clients, 1024-65535 TCP/UDP, media, at least 20 ports',
    },
  ],
);

import { direct } from './direct.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';
import type { Peer } from './peer.ts';
import { poolgate, poolgateFull } from './poolgate.ts';

export type PeerName = 'direct' | 'haproxy' | 'nginx' | 'poolgate' | 'poolgate-full';

/** Every peer, in the order of the tables. */
export const PEERS = {
  direct,
  haproxy,
  nginx,
  poolgate,
  'poolgate-full': poolgateFull,
} as const satisfies Record<PeerName, Peer>;
export const PEER_NAMES = Object.keys(PEERS) as PeerName[];

/** What the others are compared with. */
export const REFERENCE: PeerName = 'haproxy';

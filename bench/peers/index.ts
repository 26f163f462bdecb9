import { direct } from './direct.ts';
import { haproxy } from './haproxy.ts';
import { nftables } from './nftables.ts';
import { nginx } from './nginx.ts';
import type { Peer } from './peer.ts';
import { kernel, poolgate, poolgateFull } from './poolgate.ts';
import { tracked } from './tracked.ts';

export type PeerName =
  | 'direct'
  | 'tracked'
  | 'nftables'
  | 'haproxy'
  | 'nginx'
  | 'poolgate'
  | 'poolgate-full'
  | 'kernel';

/** Every peer, in the order of the tables; groups/ says which of them meet where. */
export const PEERS = {
  direct,
  tracked,
  nftables,
  haproxy,
  nginx,
  poolgate,
  'poolgate-full': poolgateFull,
  kernel,
} as const satisfies Record<PeerName, Peer>;
export const PEER_NAMES = Object.keys(PEERS) as PeerName[];

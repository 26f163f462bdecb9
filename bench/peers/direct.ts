import type { Peer } from './peer.ts';

/** No balancer: the client goes round the servers by itself. */
export const direct: Peer = {
  title: 'direct',
  setting: 'no balancer: the client itself takes the servers in turn',
  wants: 'nothing',
  version: async () => 'no balancer',
  start: async (site) => ({ site, addresses: site.servers, pids: () => [], stop: async () => {} }),
};

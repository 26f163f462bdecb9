import { CLIENTS, requireUnused, SERVERS, VIPS } from '../addresses.ts';
import { startServers } from '../load.ts';
import type { PeerName } from '../peers/index.ts';
import type { Group, Scene } from './group.ts';

/** Everything on one machine's loopback: what works with sockets can be compared there, and nothing else. */
export const loopback: Group = {
  name: 'loopback',
  title: 'Loopback',
  setting: 'Clients, balancer and servers talk over loopback; clients come from 16 source addresses.',
  peers: ['direct', 'haproxy', 'nginx', 'poolgate', 'poolgate-full'],
  references: ['haproxy'],
  judged: 'poolgate',
  floors: {
    connectionsPerSecond: [{ to: 'haproxy', limit: 0.95 }],
    roundTripsPerSecond: [{ to: 'haproxy', limit: 1 }],
    roundTripP99: [{ to: 'haproxy', limit: 1.2 }],
    bulkRate: [{ to: 'haproxy', limit: 0.95 }],
    heldMemory: [{ to: 'haproxy', limit: 1 }],
  },
  metrics: [
    'connectionsPerSecond',
    'connectionP99',
    'connectionCpu',
    'roundTripsPerSecond',
    'roundTripP50',
    'roundTripP99',
    'roundTripCpu',
    'bulkRate',
    'bulkCpu',
    'heldMemory',
    'baseMemory',
  ],
  measures: ['connections', 'roundtrips', 'bulk', 'memory'],
  reading: [
    'Loopback has no network card, no interrupts and no loss. The p99 is that of a saturated machine, mostly time spent waiting for a core.',
    'Balancer CPU: what the scheduler booked for all threads of the balancer, system calls and the loopback work done in them included. On a machine that client, balancer and servers share, it says more about the balancer than the rate does.',
  ],
  reasonNotToRun: () => '',
  open,
};

async function open(): Promise<Scene> {
  await requireUnused();
  const close = await startServers(SERVERS, []);
  return {
    siteOf: (peer: PeerName) => ({
      vip: VIPS[peer] ?? '',
      servers: SERVERS,
      clients: CLIENTS,
      sources: [],
      balancer: [],
      client: [],
      tidy: async () => {},
    }),
    close,
  };
}

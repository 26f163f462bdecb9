import { startServers } from '../load.ts';
import type { PeerName } from '../peers/index.ts';
import type { Group, Scene } from './group.ts';
import { buildNetwork } from './namespaces.ts';

/** Each peer a machine of its own between two networks: the kernel's forwarding can be compared only there. */
export const network: Group = {
  name: 'network',
  title: 'Network',
  setting:
    'Each peer is a network namespace between two networks of veth pairs, one with its clients (16 addresses), one with the servers: ' +
    'a balancer with two arms. "direct" routes between them and does nothing else, so its clients name the servers themselves. ' +
    'TSO and GSO are on, as veth has them.',
  peers: ['direct', 'tracked', 'nftables', 'haproxy', 'nginx', 'poolgate', 'kernel'],
  references: ['direct', 'haproxy'],
  judged: 'kernel',
  floors: {
    connectionsPerSecond: [
      { to: 'direct', limit: 0.85, goal: 0.98 },
      { to: 'haproxy', limit: 1.15, goal: 1.35 },
    ],
    connectionMachineCpu: [{ to: 'direct', limit: 1.2, goal: 1.05 }],
    roundTripsPerSecond: [{ to: 'direct', limit: 0.82, goal: 0.95 }],
    bulkRate: [
      { to: 'direct', limit: 0.9, goal: 0.95 },
      { to: 'haproxy', limit: 3 },
    ],
    heldMemory: [{ to: null, limit: 0.05 }],
    heldKernelMemory: [{ to: 'direct', limit: 1.5 }],
  },
  metrics: [
    'connectionsPerSecond',
    'connectionP99',
    'connectionMachineCpu',
    'roundTripsPerSecond',
    'roundTripP50',
    'roundTripP99',
    'roundTripMachineCpu',
    'bulkRate',
    'bulkMachineCpu',
    'heldMemory',
    'heldKernelMemory',
  ],
  measures: ['connections', 'roundtrips', 'bulk', 'memory'],
  reading: [
    'Machine CPU: time that all cores were not idle (`/proc/stat`: user, nice, system, irq, softirq), less what they were while nothing ran, by the work done. Client and servers are in it, and so is what a packet costs on its way, in whosever time that is booked.',
    'Kernel memory: growth of slabs, per-CPU and vmalloc memory and kernel stacks (`/proc/meminfo`) by the connections held, sockets of both ends included; the comparison takes them away again. Tables that a balancer makes at its start in full size do not grow: for the kernel plane 0.2 KB for each connection that its table has room for.',
    'Between two runs of a peer its conntrack table is emptied, so that entries of ended connections (120 s) do not fill it up.',
  ],
  reasonNotToRun: () => (process.getuid?.() === 0 ? '' : 'network namespaces need root'),
  open,
};

async function open(peers: readonly PeerName[]): Promise<Scene> {
  const built = await buildNetwork(network.peers, peers);
  try {
    const stopServers = await startServers(['0.0.0.0'], built.servers);
    return {
      siteOf: built.siteOf,
      async close() {
        await stopServers();
        built.remove();
      },
    };
  } catch (error) {
    built.remove();
    throw error;
  }
}

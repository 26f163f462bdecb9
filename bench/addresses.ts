import { connect, createServer } from 'node:net';
import type { PeerName } from './peers/index.ts';

// Addresses and ports apart from what else may use loopback.
export const SERVERS = ['127.83.1.1', '127.83.1.2'] as const;
export const CLIENTS = { first: '127.83.2.1', count: 16 } as const;
export const VIPS: { readonly [P in PeerName]?: string } = {
  haproxy: '127.83.0.1',
  nginx: '127.83.0.2',
  poolgate: '127.83.0.3',
  'poolgate-full': '127.83.0.4',
};

/** Small messages are echoed on one port; the other sends without end. A balancer listens on the same two. */
export const PORTS = { small: 21001, bulk: 21003 } as const;

export type Traffic = keyof typeof PORTS;

/** What the load generator is told: one address of a balancer, or all of the servers. */
export function destination(addresses: readonly string[], traffic: Traffic): string {
  return addresses.map((a) => `${a}:${PORTS[traffic]}`).join(',');
}

/** Throws when something answers already where this program is about to listen: its figures would be the other's. */
export async function requireUnused(): Promise<void> {
  for (const address of [...SERVERS, ...Object.values(VIPS)]) {
    for (const port of Object.values(PORTS)) {
      if (await answers(address, port))
        throw new Error(`another program listens on ${address}:${port}; end it first`);
    }
  }
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A port of 127.0.0.1 that nothing listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error()),
      );
    });
  });
}

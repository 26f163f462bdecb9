/** For tests: what a server and a service have beside the essentials while nobody asks for more. */
export const PLAIN_SERVER = { keepsClients: false, maxConnections: 0 } as const;

export const PLAIN_SERVICE = {
  nat: 'full',
  persistenceEntries: 0,
  persistenceTimeoutMs: 0,
  maxConnections: 0,
  connectionsPerSource: 0,
  newConnectionsPerSecondPerSource: 0,
} as const;

/** What holds when neither the file nor a profile says otherwise, as the file would say it. */
export const SCHEMA_DEFAULTS = {
  dataPlane: 'auto',
  adminListen: '127.0.0.1:9080',
  shutdownTimeout: '10s',
  healthCheck: { interval: '5s', timeout: '3s', rise: 2, fall: 3 },
  timeouts: { connect: '4s', idle: '30m', udpIdle: '60s' },
  drain: { timeout: '1h', keepPersistence: false },
  scheduler: 'wlc',
  redispatch: true,
  onDown: 'reset',
  weight: 1,
  admin: 'ready',
  nat: 'full',
  persistence: { timeout: '30m', maxEntries: 10_240 },
  maxConnections: 0,
  limits: { newConnectionsPerSecondPerSource: 0, connectionsPerSource: 0 },
} as const;

/** The JSON of the admin API as far as scenarios read it, written down from its contract. */

export interface StatusRow {
  readonly ready: boolean;
  readonly dataPlane: string;
  readonly workers: number;
  readonly capacity: number;
  readonly active: number;
  readonly addresses: readonly {
    address: string;
    interface: string;
    ours: boolean;
    present: boolean;
    conflict: string | null;
  }[];
  readonly services: readonly {
    name: string;
    state: string;
    active: number;
    total: number;
    refused: number;
    limited: Record<string, number>;
    persistence: { entries: number; maxEntries: number } | null;
  }[];
}

export interface ServerRow {
  readonly pool: string;
  readonly name: string;
  readonly address: string;
  readonly admin: 'ready' | 'drain' | 'maint';
  readonly health: 'unknown' | 'up' | 'down';
  readonly usable: boolean;
  readonly weight: number;
  readonly active: number;
  readonly total: number;
  readonly connectTimeouts: number;
  readonly connectErrors: number;
  readonly redispatches: number;
  readonly maxConnections: number;
  readonly checks: readonly {
    type: string;
    port: number;
    result: string;
    text: string;
    at: string | null;
  }[];
}

export interface ConnectionRow {
  readonly id: string;
  readonly protocol: 'tcp' | 'udp';
  readonly service: string;
  readonly pool: string;
  readonly client: string;
  readonly vip: string;
  readonly realServer: string;
  readonly source: string;
  readonly ageMs: number;
  readonly idleMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface EventRow {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly severity: string;
  readonly message: string;
  readonly realServer?: string;
}

/** From the programs' numbers back to names, and from a filter's names to numbers. Pure. */
import type { Connection, ConnectionFilter } from '../dataplane.ts';
import { FALLBACK_NAME } from '../proxy/names.ts';
import type { Numbered, Row } from './connections/table.ts';
import { FALLBACK_POSITION, type Numbers } from './maps/numbers.ts';

const NS_PER_MS = 1_000_000n;

/** @param nowNs of the monotonic clock */
export function describer(numbers: Numbers, nowNs: bigint): (row: Row) => Connection {
  const services = new Map([...numbers.services].map(([name, id]) => [id, name]));
  const servers = new Map<string, { pool: string; realServer: string }>();
  for (const [pool, entry] of numbers.pools) {
    for (const [realServer, { position }] of entry.servers) {
      servers.set(`${entry.id} ${position}`, { pool, realServer });
    }
    servers.set(`${entry.id} ${FALLBACK_POSITION}`, { pool, realServer: FALLBACK_NAME });
  }
  const since = (ns: bigint): number => Math.max(0, Number((nowNs - ns) / NS_PER_MS));
  return (row) => {
    const ends = row.ends();
    const server = servers.get(`${row.pool} ${row.server}`);
    return {
      id: row.id(),
      protocol: ends.protocol,
      service: services.get(row.service) ?? '',
      pool: server?.pool ?? '',
      client: endpoint(ends.client, ends.clientPort),
      vip: endpoint(ends.vip, ends.vipPort),
      realServer: server?.realServer ?? '',
      source: '',
      ageMs: since(row.openedNs),
      idleMs: since(row.activeNs),
      bytesIn: Number(row.bytesIn),
      bytesOut: Number(row.bytesOut),
    };
  };
}

/** A quick look at numbers, before anything is made a text of; null: nothing can fit. */
export function numberTest(numbers: Numbers, filter: ConnectionFilter): ((row: Numbered) => boolean) | null {
  const service = filter.service === undefined ? undefined : numbers.services.get(filter.service);
  if (filter.service !== undefined && service === undefined) return null;
  const pool = filter.pool === undefined ? undefined : numbers.pools.get(filter.pool);
  if (filter.pool !== undefined && !pool) return null;
  return (row) => (service === undefined || row.service === service) && (!pool || row.pool === pool.id);
}

/** `ADDRESS:PORT`, IPv6 in brackets. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** People name servers `POOL/SERVER`, or `SERVER` where only one pool has it. */
import { z } from 'zod';
import { server as serverSchema } from '../api/views.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { ServerView } from '../state/contract.ts';
import type { Client } from './client.ts';
import { nearest } from '../lib/nearest.ts';

/**
 * @param pool narrows the search for a bare name
 * @throws PoolgateError UNKNOWN_SERVER with the nearest name, AMBIGUOUS_SERVER with all names that match
 */
export async function findServer(client: Client, ref: string, pool?: string): Promise<ServerView> {
  const servers = await client.get('/api/v1/servers', z.array(serverSchema));
  const found = servers.filter(
    (s) => `${s.pool}/${s.name}` === ref || (s.name === ref && (pool ?? s.pool) === s.pool),
  );
  const first = found[0];
  if (first && found.length === 1) return first;
  if (!first) throw unknown(ref, servers);
  const names = found.map((s) => `${s.pool}/${s.name}`).join(', ');
  throw new PoolgateError('AMBIGUOUS_SERVER', `${ref} may be ${names}.`);
}

function unknown(ref: string, servers: readonly ServerView[]): PoolgateError {
  const names = servers.flatMap((s) => [s.name, `${s.pool}/${s.name}`]);
  const guess = nearest(ref, names);
  const message = `There is no real server ${ref}.`;
  return new PoolgateError('UNKNOWN_SERVER', guess === null ? message : `${message} Did you mean ${guess}?`);
}

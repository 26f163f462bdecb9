/** By which interface this machine reaches its servers (ip-route(8)). */
import * as z from 'zod';
import { isWithin } from '../model/cidr.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import { familyOf } from './family.ts';
import { type RunIp, runIp } from './iproute.ts';

const answer = z.array(z.object({ dev: z.string().optional() }));

/** Asking is a process each; so many are enough to find that a topology is not what it says. */
const MOST_ASKED = 128;

export interface Stray {
  readonly what: string;
  readonly address: string;
  readonly by: string;
}

/**
 * Servers and fallbacks that are reached by other interfaces than these: the kernel data plane would never see their
 * answers. What has no route at all is left to the health checks.
 * @throws PoolgateError SYSTEM
 */
export async function strayServers(
  { topology, pools }: EffectiveConfig,
  interfaces: readonly string[],
  run: RunIp = runIp,
): Promise<Stray[]> {
  // Of the bridge and of an address that are yet to come nothing is known.
  if (topology.mode === 'transparent') return [];
  const own = topology.mode === 'two-armed' ? topology.serverAddress : null;
  const ends = pools.flatMap(({ name, realServers, fallback }) => [
    ...realServers.map((server) => ({ what: `${name}/${server.name}`, address: server.address })),
    ...(fallback ? [{ what: `the fallback of ${name}`, address: fallback.address }] : []),
  ]);
  const asked = ends.filter(({ address }) => own === null || !isWithin(address, own)).slice(0, MOST_ASKED);
  const found: Stray[] = [];
  for (const { what, address } of asked) {
    const by = await interfaceTowards(address, run);
    if (by !== null && !interfaces.includes(by)) found.push({ what, address, by });
  }
  return found;
}

/** Null where there is no route. @throws PoolgateError SYSTEM */
async function interfaceTowards(address: string, run: RunIp): Promise<string | null> {
  const { ok, stdout } = await run([`-${familyOf(address)}`, '-j', 'route', 'get', address]);
  if (!ok) return null;
  try {
    return answer.parse(JSON.parse(stdout))[0]?.dev ?? null;
  } catch {
    return null;
  }
}

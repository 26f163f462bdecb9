/**
 * Which virtual services share a section. A pool is a `backend`, for which HAProxy counts and chooses, and a virtual
 * service is a `frontend`; so what HAProxy sets by the backend (scheduler, timeouts, sources, persistence) must be the
 * same for services that share one. The checks are in the first section of a pool; the servers of the others `track` it.
 */
import type { EffectiveConfig, EffectivePool, EffectiveService } from '../../../model/effective.ts';

export interface Section {
  readonly pool: EffectivePool;
  /** Of the backend; or of the service whose `listen` it is. */
  readonly name: string;
  /** Those with TCP ports, one or more. */
  readonly services: readonly EffectiveService[];
  /** The service that is frontend and backend in one: it has the section's name. */
  readonly listen: EffectiveService | null;
  /** The section with the checks; null: this one. */
  readonly tracks: string | null;
}

export function sectionsOf(config: EffectiveConfig): Section[] {
  const taken = new Set(config.services.map(({ name }) => name));
  return config.pools.flatMap((pool) => {
    const groups = groupsOf(pool, config.services);
    let first: string | null = null;
    return groups.map((services, at): Section => {
      const own = at === 0 ? pool.name : services.length === 1 ? services[0]?.name : undefined;
      const listen = services.find(({ name }) => name === own) ?? null;
      const name = listen ? listen.name : freeName(at === 0 ? pool.name : `${pool.name}-${at + 1}`, taken);
      const section = { pool, name, services, listen, tracks: first };
      first ??= name;
      return section;
    });
  });
}

function groupsOf(pool: EffectivePool, services: readonly EffectiveService[]): EffectiveService[][] {
  const groups = new Map<string, EffectiveService[]>();
  for (const service of services) {
    if (service.pool !== pool.name || !service.ports.some((p) => p.protocol === 'tcp')) continue;
    const key = sharedBy(service);
    groups.set(key, [...(groups.get(key) ?? []), service]);
  }
  return [...groups.values()];
}

/** What services must have in common to share a backend; a table of clients is of one service alone. */
function sharedBy(service: EffectiveService): string {
  const { scheduler, redispatch, nat, snat, connectTimeoutMs, idleTimeoutMs, persistence, name } = service;
  const table = persistence === null ? null : name;
  return JSON.stringify([scheduler, redispatch, nat, snat, connectTimeoutMs, idleTimeoutMs, table]);
}

/** Names of proxies share one space; `taken` gets the new one. */
function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}-pool${number === 2 ? '' : number}`;
  taken.add(name);
  return name;
}

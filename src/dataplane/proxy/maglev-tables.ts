import { serverIdentity } from '../../scheduler/identity.ts';
import { type Candidate, MAGLEV_SIZE, maglevTable } from '../../scheduler/maglev.ts';
import { addressWords } from './guard/client-address.ts';
import { lock, unlock } from './mutex.ts';
import type { Names, PoolEntry } from './names.ts';
import type { SharedState } from './common-state.ts';

/** Keeps the lookup tables of scheduler mh in shared memory, for the pools that a service uses by it. */
export class MaglevTables {
  /** What each table was made from, by pool. */
  private readonly made = new Map<number, string>();

  /** Makes anew what does not fit any more; outside of the lock, which is held only to copy. */
  publish(shared: SharedState, names: Names): void {
    const wanted = new Set<PoolEntry>();
    for (const { settings } of names.services.values()) {
      if (settings.scheduler === 'mh') wanted.add(names.pool(settings.pool));
    }
    for (const pool of wanted) {
      const servers = candidates(pool);
      const from = JSON.stringify(servers);
      if (this.made.get(pool.id) === from) continue;
      this.made.set(pool.id, from);
      const table = maglevTable(servers);
      lock(shared.lock, pool.id);
      shared.maglev.set(table, pool.id * MAGLEV_SIZE);
      unlock(shared.lock, pool.id);
    }
  }
}

/** All servers with a share, usable or not; one of weight 0 has none. */
function candidates(pool: PoolEntry): Candidate[] {
  return [...pool.servers.values()]
    .filter(({ server }) => server.weight > 0)
    .map(({ position, server }) => ({
      position,
      identity: serverIdentity(addressWords(server.address)),
      weight: server.weight,
    }))
    .sort((a, b) => a.position - b.position);
}

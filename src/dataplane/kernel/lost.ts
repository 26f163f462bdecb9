/** Servers that cannot be used any more, and so are lost to whoever waits for one of them to answer. Pure. */
import type { DesiredState } from '../dataplane.ts';
import type { Numbers } from './maps/numbers.ts';

/** As `POOL/SERVER`; of pools alone whose services give a connection another server. */
export function lostServers({ pools, services }: DesiredState): Set<string> {
  const redispatching = new Set(services.filter((s) => s.settings.redispatch).map((s) => s.settings.pool));
  return new Set(
    pools
      .filter(({ name }) => redispatching.has(name))
      .flatMap(({ name: pool, servers }) =>
        servers
          .filter(({ selectable, keepsClients }) => !selectable && !keepsClients)
          .map(({ name }) => `${pool}/${name}`),
      ),
  );
}

/** Where in the maps those are that were not lost before, as `POOL POSITION` in numbers. */
export function freshlyLost(
  lost: ReadonlySet<string>,
  before: ReadonlySet<string>,
  { pools }: Numbers,
): Set<string> {
  const found = new Set<string>();
  for (const [pool, { id, servers }] of pools) {
    for (const [name, { position }] of servers) {
      const server = `${pool}/${name}`;
      if (lost.has(server) && !before.has(server)) found.add(`${id} ${position}`);
    }
  }
  return found;
}

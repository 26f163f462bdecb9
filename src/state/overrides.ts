/**
 * Live changes of administrative state and weight. Each remembers what the file said when it was made and holds until
 * the file says something else; that is why it outlives a reload and a restart, and why an edit of the file wins.
 */
import type { AdminState, EffectiveConfig, EffectiveServer } from '../model/effective.ts';

export interface Override<T> {
  readonly live: T;
  /** The file's value at the time of the change. */
  readonly file: T;
}

export interface ServerOverrides {
  readonly admin?: Override<AdminState>;
  readonly weight?: Override<number>;
}

/** By `POOL/SERVER`; never holds an entry without an override. */
export type Overrides = ReadonlyMap<string, ServerOverrides>;

export interface Live {
  readonly admin: AdminState;
  readonly weight: number;
}

export function serverKey(pool: string, server: string): string {
  return `${pool}/${server}`;
}

/** What holds now for this server: the live change if there is one, else the file. */
export function liveValues(overrides: Overrides, pool: string, server: EffectiveServer): Live {
  const own = overrides.get(serverKey(pool, server.name));
  return { admin: own?.admin?.live ?? server.admin, weight: own?.weight?.live ?? server.weight };
}

/** The overrides after a live change; setting what the file says ends the override. */
export function withChange(
  overrides: Overrides,
  pool: string,
  server: EffectiveServer,
  change: Partial<Live>,
): Overrides {
  const key = serverKey(pool, server.name);
  const own = { ...overrides.get(key) };
  if (change.admin !== undefined) own.admin = { live: change.admin, file: server.admin };
  if (change.weight !== undefined) own.weight = { live: change.weight, file: server.weight };
  const next = new Map(overrides);
  next.delete(key);
  for (const [k, o] of kept(key, own, server)) next.set(k, o);
  return next;
}

/** The overrides that still hold under this config: the server is there and the file's value is as it was. */
export function stillValid(overrides: Overrides, config: EffectiveConfig): Overrides {
  const next = config.pools.flatMap((pool) =>
    pool.realServers.flatMap((server) => {
      const key = serverKey(pool.name, server.name);
      return kept(key, overrides.get(key) ?? {}, server);
    }),
  );
  return new Map(next);
}

function kept(key: string, own: ServerOverrides, server: EffectiveServer): [string, ServerOverrides][] {
  const next: ServerOverrides = {
    ...(holds(own.admin, server.admin) ? { admin: own.admin } : {}),
    ...(holds(own.weight, server.weight) ? { weight: own.weight } : {}),
  };
  return next.admin || next.weight ? [[key, next]] : [];
}

function holds<T>(override: Override<T> | undefined, file: T): override is Override<T> {
  return override !== undefined && override.file === file && override.live !== file;
}
